"""What Classroom 50 and the reporters of GitHub Classroom read: checked by what they check themselves."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from grader.report import Report
from grader.reporters import classroom, classroom50
from tests.reporters.reports import NOTHING, PASSED, UNTIMED, WHOLE, single_reports

ENVIRON = {
    "CLASSROOM": "rnn-2026",
    "ASSIGNMENT": "state",
    "SUBMISSION_TAG": "submit/2026-11-21T10-00-00Z-abcdef0",
    "COMMIT_URL": "https://host.example/o/r/commit/abcdef0",
    "RELEASE_URL": "https://host.example/o/r/releases/tag/x",
    "REVIEW_URL": "https://host.example/o/r/compare/a...b",
}
NOW = datetime(2026, 11, 21, 10, 5, 7, tzinfo=UTC)
TEXT = {"type": "string", "minLength": 1}
POINTS = {"type": "integer", "minimum": 0}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$"}
CLASSROOM50 = jsonschema.Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "required": [
            *("schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit"),
            *("release", "review", "datetime", "score", "max-score", "tests"),
        ],
        "properties": {
            "schema": {"const": "classroom50/result/v1"},
            "classroom": TEXT,
            "assignment": TEXT,
            "assignment_type": {"enum": ["individual", "group"]},
            "owner": TEXT,
            "submission": {"type": "string", "pattern": "^submit/"},
            "commit": TEXT,
            "release": TEXT,
            "review": TEXT,
            "datetime": MOMENT,
            "graded_at": MOMENT,
            "score": POINTS,
            "max-score": POINTS,
            "submitted_by": {"type": "object"},
            "tests": {
                "type": "array",
                "minItems": 1,  # without tests a result counts as a success
                "items": {
                    "type": "object",
                    "required": ["test-name", "passed", "score", "max-score"],
                    "properties": {
                        "test-name": TEXT,
                        "passed": {"type": "boolean"},
                        "score": POINTS,
                        "max-score": POINTS,
                    },
                },
            },
        },
    }
)
CLASSROOM = jsonschema.Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "status", "max_score", "tests"],
        "properties": {
            "version": {"const": 3},
            "status": {"enum": ["pass", "fail", "error"]},
            "max_score": POINTS,
            "tests": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["name", "status", "message", "filename", "line_no", "score"],
                    "properties": {
                        "name": TEXT,
                        "status": {"enum": ["pass", "fail", "error"]},
                        "message": {"type": "string"},
                        "test_code": {"type": "string"},
                        "task_id": POINTS,
                        "filename": {"type": "string"},
                        "line_no": POINTS,
                        "duration": POINTS,
                        "score": POINTS,
                    },
                },
            },
        },
    }
)


def of_classroom50(report: Report, environ: dict[str, str] = ENVIRON) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(classroom50.render(report, environ=environ, now=NOW))
    CLASSROOM50.validate(data)
    return data


def of_classroom(report: Report) -> dict[str, Any]:
    text = classroom.render(report)
    assert text.count("\n") == 1
    assert text.endswith("\n")
    data: dict[str, Any] = json.loads(base64.b64decode(text, validate=False))
    CLASSROOM.validate(data)
    return data


def test_classroom50_whole_output() -> None:
    """Who and what it is about comes from the environment, points are whole, and each law is a test."""
    data = of_classroom50(WHOLE, {**ENVIRON, "OWNER": "ada", "ASSIGNMENT_TYPE": "group"})
    tests = data.pop("tests")
    assert data == {
        "schema": "classroom50/result/v1",
        "classroom": "rnn-2026",
        "assignment": "state",
        "assignment_type": "group",
        "owner": "ada",
        "submission": "submit/2026-11-21T10-00-00Z-abcdef0",
        "commit": "https://host.example/o/r/commit/abcdef0",
        "release": "https://host.example/o/r/releases/tag/x",
        "review": "https://host.example/o/r/compare/a...b",
        "datetime": "2026-11-21T10:05:07Z",
        "score": 6,
        "max-score": 15,
    }
    assert [tuple(test.values()) for test in tests] == [
        ("init_hidden: right shape", False, 0, 3, "It has shape (2, 3)."),
        ("init_hidden: no copy", False, 0, 1, "Your code raised ValueError."),
        ("init_hidden: flat", True, 5, 5, ""),
        ("init_hidden: dtype follows", True, 1, 1, "It failed once."),
        ("unroll: outputs", False, 0, 4, "hw.py, line 2 is not Python."),
        ("unroll: isolated", False, 0, 1, "Not checked."),
    ]


@pytest.mark.parametrize(
    ("more", "owner"),
    [
        ({}, "unknown"),
        ({"OWNER": ""}, "unknown"),
        ({"GITHUB_ACTOR": "eve"}, "eve"),
        ({"USERNAME": "ada", "GITHUB_ACTOR": "eve"}, "ada"),
    ],
)
def test_classroom50_without_all_of_its_environment(more: dict[str, str], owner: str) -> None:
    """What Classroom 50 puts in itself has a value without it; where there is no review, the commit is one."""
    environ = {name: value for name, value in ENVIRON.items() if name != "REVIEW_URL"} | more
    data = of_classroom50(PASSED, environ)
    assert (data["owner"], data["assignment_type"], data["review"]) == (owner, "individual", ENVIRON["COMMIT_URL"])


@UNTIMED
@given(single_reports)
def test_classroom50_takes_every_report(report: Report) -> None:
    """Whatever stands in a report, it has the form, the sums agree, and no test has more than it is worth."""
    data = of_classroom50(report)
    tests = data["tests"]
    assert data["score"] == sum(test["score"] for test in tests) == report.score
    assert data["max-score"] == sum(test["max-score"] for test in tests) == report.max_score
    assert all(test["score"] == (test["max-score"] if test["passed"] else 0) for test in tests)
    laws = [law for each in report.submissions[0].exercises for law in each.properties]
    assert [test["passed"] for test in tests] == ([law.earned for law in laws] or [False])


def test_classroom_whole_output() -> None:
    """The result of the older reporter: one status, each law a test with its place and points."""
    data = of_classroom(WHOLE)
    assert (data["version"], data["status"], data["max_score"]) == (3, "error", 15)
    assert [
        (test["name"], test["status"], test["message"], test["filename"], test["line_no"], test["score"])
        for test in data["tests"]
    ] == [
        ("init_hidden: right shape", "fail", "It has shape (2, 3).", "hw.py", 4, 0),
        ("init_hidden: no copy", "fail", "Your code raised ValueError.", "hw.py", 4, 0),
        ("init_hidden: flat", "pass", "", "hw.py", 4, 5),
        ("init_hidden: dtype follows", "pass", "It failed once.", "hw.py", 4, 1),
        ("unroll: outputs", "error", "hw.py, line 2 is not Python.", "hw.py", 0, 0),
        ("unroll: isolated", "fail", "Not checked.", "hw.py", 0, 0),
    ]
    assert of_classroom(PASSED)["status"] == "pass"


@UNTIMED
@given(single_reports)
def test_classroom_takes_every_report(report: Report) -> None:
    """Whatever stands in a report, it has the form, the sums agree, and no text is a command in the log."""
    data = of_classroom(report)
    assert sum(test["score"] for test in data["tests"]) == report.score
    assert data["max_score"] == report.max_score
    for test in data["tests"]:
        for text in (test["name"], test["message"], test["filename"], test["test_code"]):
            assert len(text.splitlines()) <= 1
            assert "::" not in text
            assert "##[" not in text
    assert (data["status"] == "pass") == all(test["status"] == "pass" for test in data["tests"])


def test_nothing_passes_that_did_not() -> None:
    """A submission of which nothing could be graded has one test that did not pass and says why."""
    (test,) = of_classroom50(NOTHING)["tests"]
    assert (test["passed"], test["message"]) == (False, "empty.py has no code in it.")
    assert of_classroom(NOTHING)["status"] == "error"
    (test,) = of_classroom(NOTHING)["tests"]
    assert (test["status"], test["message"]) == ("error", "empty.py has no code in it.")
