"""The report as the ``result`` that reporters of GitHub Classroom read: JSON in base64, on one line.

They print names and messages to the log of the run as they are, where a line may be a command to GitHub. So a text has
one line here, and none of what begins a command.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from grader.report import Report, SubmissionResult
from grader.reporters import nothing_ran
from grader.reporters.github import as_log_line

_STATUSES = {"passed": "pass", "unstable": "pass", "failed": "fail", "skipped": "fail", "error": "error"}


def render(report: Report) -> str:
    """The report of one submission."""
    (submission,) = report.submissions
    tests = list(_tests(submission))
    statuses = {test["status"] for test in tests}
    result = {
        "version": 3,
        "status": next((each for each in ("error", "fail") if each in statuses), "pass"),
        "max_score": submission.max_score,
        "tests": tests,
    }
    return base64.b64encode(json.dumps(result).encode()).decode("ascii") + "\n"


def _tests(submission: SubmissionResult) -> Iterator[dict[str, Any]]:
    if why := nothing_ran(submission):
        yield _test("something to grade", "error", why, submission.path, 0, 0)
    for exercise in submission.exercises:
        for law, share in zip(exercise.properties, exercise.shares, strict=True):
            name, path = f"{exercise.name}: {law.name}", exercise.path or submission.path
            score = share if law.earned else 0
            yield _test(name, _STATUSES[law.status], law.message, path, exercise.line or 0, score)


def _test(name: str, status: str, message: str, path: str, line: int, score: int) -> dict[str, Any]:
    return {
        "name": as_log_line(name),
        "status": status,
        "message": as_log_line(message),
        "test_code": "",
        "task_id": 0,
        "filename": as_log_line(path),
        "line_no": line,
        "duration": 0,
        "score": score,
    }
