"""Renderings of a report; each is pure (no clock, no randomness) and reads nothing but the report."""
