"""The report as JSON, format version 1 (``grader/schema/report.schema.json``)."""

from __future__ import annotations

import json
from dataclasses import asdict

from grader.report import Protection, Report

# Outside of texts JSON has none of these; within, this is another way to write them, and a page that holds the report
# can't take a submission's text for a tag. So it is with ``##``, behind which CI systems look for commands in a log.
_AS_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&"})


def render(report: Report) -> str:
    """The whole report; the same result gives the same text, but for the ``seconds``."""
    text = json.dumps(report.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
    return text.translate(_AS_ESCAPES).replace("##", "#\\u0023") + "\n"


def render_protection(protection: Protection) -> str:
    """What a machine is protected from, as ``environment.isolation`` in a report."""
    return json.dumps(asdict(protection), indent=2) + "\n"
