"""The report as JSON, format version 1 (``grader/schema/report.schema.json``)."""

from __future__ import annotations

import json
from dataclasses import asdict

from grader.report import Protection, Report


def render(report: Report) -> str:
    """The whole report; the same result gives the same text, but for the ``seconds``."""
    return json.dumps(report.to_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def render_protection(protection: Protection) -> str:
    """What a machine is protected from, as ``environment.isolation`` in a report."""
    return json.dumps(asdict(protection), indent=2) + "\n"
