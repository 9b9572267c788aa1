"""How learning platforms and people lay out what a cohort handed in, one file a way."""
