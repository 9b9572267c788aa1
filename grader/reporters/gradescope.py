"""The report as the ``results.json`` that Gradescope reads: a test for each law, all of it text and none of it markup.

No test is ever ``hidden``: that would hide the student's total. The score at the top is the sum of the tests' scores.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from grader.report import PropertyResult, Report, SubmissionResult
from grader.reporters import looks_like, nothing_ran, to_read, told

VISIBILITIES = ("visible", "after_due_date", "after_published")


def render(report: Report, *, visibility: str = "visible") -> str:
    """The report of one submission.

    Args:
        report: of one submission.
        visibility: when students see the tests: one of ``VISIBILITIES``.
    """
    (submission,) = report.submissions
    result = {
        "score": submission.score,
        "execution_time": round(submission.seconds, 3),
        "output": "\n\n".join(_overview(submission)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",  # it may name files of the machine
        "extra_data": {
            "grader_version": report.grader_version,
            "seed": report.seed,
            "max_examples": report.max_examples,
            "sha256": submission.sha256,
            "isolation": report.environment.isolation.level,
            "to_read": list(to_read(submission)),
        },
        "tests": list(_tests(submission, visibility)),
    }
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _overview(submission: SubmissionResult) -> Iterator[str]:
    if why := nothing_ran(submission):
        yield why
    for exercise in submission.exercises:
        yield f"{exercise.name}: {exercise.score} of {exercise.max_score} points"
        if exercise.message:
            yield exercise.message
        yield from looks_like(exercise)
        if exercise.printed and exercise.status != "passed":
            yield f"It printed:\n{exercise.printed}"


def _tests(submission: SubmissionResult, visibility: str) -> Iterator[dict[str, Any]]:
    if why := nothing_ran(submission):
        yield _test("1", "Something to grade", 0, 0, "failed", why, visibility)
    for number, exercise in enumerate(submission.exercises, start=1):
        for part, (law, share) in enumerate(zip(exercise.properties, exercise.shares, strict=True), start=1):
            score = share if law.earned else 0
            name = f"{exercise.name}: {law.name}"
            yield _test(f"{number}.{part}", name, score, share, _status(law), told(law), visibility)


def _test(
    number: str, name: str, score: int, max_score: int, status: str, output: str, visibility: str
) -> dict[str, Any]:
    return {
        "number": number,
        "name": name,
        "name_format": "text",
        "score": score,
        "max_score": max_score,
        "status": status,
        "output": output,
        "output_format": "text",
        "visibility": visibility,
    }


def _status(law: PropertyResult) -> str:
    return "passed" if law.earned else "failed"
