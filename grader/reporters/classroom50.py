"""The report as the ``result.json`` of Classroom 50: whole numbers, and who and what it is about from the environment.

There a result without tests counts as a success. So a submission of which nothing could be graded gets a test that
failed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from grader.report import Report, SubmissionResult
from grader.reporters import nothing_ran

_SCHEMA = "classroom50/result/v1"
_OWNERS = ("OWNER", "USERNAME", "GITHUB_ACTOR")


def render(report: Report, *, environ: Mapping[str, str], now: datetime) -> str:
    """The report of one submission.

    Args:
        report: of one submission.
        environ: with the variables that Classroom 50 sets (see ``FORMATS``).
        now: the moment in UTC; Classroom 50 puts the commit's own in its place.
    """
    (submission,) = report.submissions
    owner = next(filter(None, map(environ.get, _OWNERS)), "unknown")  # Classroom 50 puts its own in its place
    result = {
        "schema": _SCHEMA,
        "classroom": environ["CLASSROOM"],
        "assignment": environ["ASSIGNMENT"],
        "assignment_type": environ.get("ASSIGNMENT_TYPE") or "individual",
        "owner": owner,
        "submission": environ["SUBMISSION_TAG"],
        "commit": environ["COMMIT_URL"],
        "release": environ["RELEASE_URL"],
        "review": environ.get("REVIEW_URL") or environ["COMMIT_URL"],
        "datetime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": submission.score,
        "max-score": submission.max_score,
        "tests": list(_tests(submission)),
    }
    return json.dumps(result, indent=2) + "\n"


def _tests(submission: SubmissionResult) -> Iterator[dict[str, Any]]:
    if why := nothing_ran(submission):
        yield {"test-name": "something to grade", "passed": False, "score": 0, "max-score": 0, "message": why}
    for exercise in submission.exercises:
        for law, share in zip(exercise.properties, exercise.shares, strict=True):
            yield {
                "test-name": f"{exercise.name}: {law.name}",
                "passed": law.earned,
                "score": share if law.earned else 0,
                "max-score": share,
                "message": law.message,
            }
