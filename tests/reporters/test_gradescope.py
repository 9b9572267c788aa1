"""Gradescope's results.json: checked against its documentation as a schema, and for sums that agree."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from grader.report import Report
from grader.reporters.gradescope import VISIBILITIES, render
from tests.reporters.reports import NOTHING, PASSED, UNTIMED, WHOLE, single_reports

# As its documentation has them: nothing else may stand there. ``hidden`` exists; it would hide the student's total.
VISIBILITY = {"enum": ["after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["score", "tests"],
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number", "minimum": 0},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": {"enum": ["hidden", "after_due_date", "after_published", "visible"]},
        "extra_data": {"type": "object"},
        "leaderboard": {"type": "array"},
        "tests": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["score", "max_score", "status", "name", "number", "output"],
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string", "minLength": 1},
                    "name_format": FORMAT,
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
    },
}
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def rendered(report: Report, **options: Any) -> dict[str, Any]:
    text = render(report, **options)
    data: dict[str, Any] = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    VALIDATOR.validate(data)
    return data


def test_whole_output() -> None:
    """A report of everything at once gives exactly this."""
    text = {"output_format": "text", "visibility": "visible", "name_format": "text"}
    assert rendered(WHOLE) == {
        "score": 6,
        "execution_time": 0.5,
        "output": (
            "init_hidden: 6 of 10 points\n\n"
            "Looks like: Batch axis first\nThe state is never batch-first.\nHint: What does each axis count?\n\n"
            "It printed:\nhello\n\n\n"
            "unroll: 0 of 5 points\n\nhw.py, line 2 is not Python."
        ),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "grader_version": "0.1.0",
            "seed": 1,
            "max_examples": 5,
            "sha256": "0" * 64,
            "isolation": "weak",
            "to_read": ["hw.py, line 2: ctypes reaches far"],
        },
        "tests": [
            {
                "number": "1.1",
                "name": "init_hidden: right shape",
                "score": 0,
                "max_score": 3,
                "status": "failed",
                "output": (
                    "It has shape (2, 3).\n\nWhere: state\nExpected: (3, 2)\nGot: (2, 3)\n\n"
                    "The smallest case, to run:\n\nprint(1)\n"
                ),
                **text,
            },
            {
                "number": "1.2",
                "name": "init_hidden: no copy",
                "score": 0,
                "max_score": 1,
                "status": "failed",
                "output": (
                    "Your code raised ValueError.\n\nWhere: hw.py, line 9, in init_hidden\n\n"
                    "The smallest case, to run:\n\nprint(2)\n"
                ),
                **text,
            },
            {
                "number": "1.3",
                "name": "init_hidden: flat",
                "score": 5,
                "max_score": 5,
                "status": "passed",
                "output": "",
                **text,
            },
            {
                "number": "1.4",
                "name": "init_hidden: dtype follows",
                "score": 1,
                "max_score": 1,
                "status": "passed",
                "output": "It failed once.",
                **text,
            },
            {
                "number": "2.1",
                "name": "unroll: outputs",
                "score": 0,
                "max_score": 4,
                "status": "failed",
                "output": "hw.py, line 2 is not Python.",
                **text,
            },
            {
                "number": "2.2",
                "name": "unroll: isolated",
                "score": 0,
                "max_score": 1,
                "status": "failed",
                "output": "Not checked.",
                **text,
            },
        ],
    }


@UNTIMED
@given(single_reports)
def test_every_report_fits_the_schema(report: Report) -> None:
    """Whatever stands in a report: the sums agree, nothing is markup, nothing passes that was not kept."""
    data = rendered(report)
    assert data["score"] == sum(test["score"] for test in data["tests"]) == report.score
    assert sum(test["max_score"] for test in data["tests"]) == report.max_score
    laws = [law for each in report.submissions[0].exercises for law in each.properties]
    passed = [test["status"] == "passed" for test in data["tests"]]
    assert passed == ([law.earned for law in laws] or [False])
    for test in data["tests"]:
        assert test["score"] == (test["max_score"] if test["status"] == "passed" else 0)
        assert {test["output_format"], test["name_format"]} == {"text"}
    assert {data["output_format"], data["test_output_format"], data["test_name_format"]} == {"text"}


def test_nothing_passes_that_did_not() -> None:
    """A submission of which nothing could be graded has one test, which failed and says why."""
    data = rendered(NOTHING)
    (test,) = data["tests"]
    assert (data["score"], data["output"]) == (0, "empty.py has no code in it.")
    assert (test["status"], test["score"], test["output"]) == ("failed", 0, "empty.py has no code in it.")
    assert {test["status"] for test in rendered(PASSED)["tests"]} == {"passed"}


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_visibility_is_that_of_every_test(visibility: str) -> None:
    """When students see the tests can be chosen; ``hidden`` can't, and what the machine prints is always hidden."""
    data = rendered(WHOLE, visibility=visibility)
    assert {data["visibility"], *(test["visibility"] for test in data["tests"])} == {visibility}
    assert data["stdout_visibility"] == "hidden"
    assert "hidden" not in VISIBILITIES
