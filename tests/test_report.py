"""The report is plain data of one format, with scores that are sums."""

import dataclasses
import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.report import (
    Counterexample,
    Diagnosis,
    Environment,
    ExerciseResult,
    PropertyResult,
    Report,
    SubmissionResult,
    worst,
)
from tests.builders import PROTECTION

ENVIRONMENT = Environment(
    python="3.11", torch="2.6", hypothesis="6.100", platform="linux", devices=("cpu",), isolation=PROTECTION
)
COUNTEREXAMPLE = Counterexample(case={"parts": {"n": (1, 2)}}, script="run()", expected="1", got="2", where="outputs")
PROPERTY = PropertyResult(
    name="values", status="failed", points=0, max_points=3, message="It is 2.", counterexample=COUNTEREXAMPLE
)
DIAGNOSIS = Diagnosis(misconception="off_by_one", title="Off by one", explanation="So.", hint="Count.", agreement=0.9)
EXERCISE = ExerciseResult(
    name="run_batch",
    status="failed",
    score=7,
    max_score=10,
    seconds=0.5,
    diagnosis=(DIAGNOSIS,),
    properties=(PROPERTY,),
    path="homework.py",
    line=3,
)


def submission(status="failed", score=7, **changes):
    return (
        SubmissionResult(
            path="homework.py",
            sha256="00",
            status=status,
            score=score,
            max_score=10,
            seconds=0.5,
            exercises=(EXERCISE,),
        )
        if not changes
        else dataclasses.replace(submission(status, score), **changes)
    )


def report(*submissions):
    return Report(grader_version="0.1.0", seed=1, max_examples=50, environment=ENVIRONMENT, submissions=submissions)


def test_the_whole_format():
    """Every field of format version 1, down to the counterexample."""
    assert report(submission()).to_json() == {
        "format_version": 1,
        "grader_version": "0.1.0",
        "seed": 1,
        "max_examples": 50,
        "environment": {
            "python": "3.11",
            "torch": "2.6",
            "hypothesis": "6.100",
            "platform": "linux",
            "devices": ["cpu"],
            "isolation": {
                "level": "weak",
                "means": ["limits"],
                "attempts": [
                    {
                        "what": "take more memory",
                        "blocked": True,
                        "by": ["limits"],
                        "needed_for": "weak",
                        "improve": "",
                    },
                    {
                        "what": "read other files",
                        "blocked": False,
                        "by": [],
                        "needed_for": "good",
                        "improve": "use Landlock",
                    },
                ],
            },
        },
        "score": 7,
        "max_score": 10,
        "submissions": [
            {
                "path": "homework.py",
                "sha256": "00",
                "status": "failed",
                "score": 7,
                "max_score": 10,
                "seconds": 0.5,
                "message": "",
                "exercises": [
                    {
                        "name": "run_batch",
                        "status": "failed",
                        "score": 7,
                        "max_score": 10,
                        "seconds": 0.5,
                        "message": "",
                        "printed": "",
                        "diagnosis": [
                            {
                                "misconception": "off_by_one",
                                "title": "Off by one",
                                "explanation": "So.",
                                "hint": "Count.",
                                "agreement": 0.9,
                            }
                        ],
                        "properties": [
                            {
                                "name": "values",
                                "status": "failed",
                                "points": 0,
                                "max_points": 3,
                                "message": "It is 2.",
                                "counterexample": {
                                    "case": {"parts": {"n": [1, 2]}},
                                    "script": "run()",
                                    "expected": "1",
                                    "got": "2",
                                    "where": "outputs",
                                },
                            }
                        ],
                        "path": "homework.py",
                        "line": 3,
                        "remarks": [],
                    }
                ],
            }
        ],
    }


def test_no_counterexample_is_null():
    """A law that holds has no counterexample, and says so."""
    held = dataclasses.replace(PROPERTY, status="passed", points=3, message="", counterexample=None)
    exercise = dataclasses.replace(EXERCISE, properties=(held,))
    data = report(submission(exercises=(exercise,))).to_json()
    assert data["submissions"][0]["exercises"][0]["properties"][0]["counterexample"] is None


def test_scores_are_sums():
    """The score of a report is that of its submissions together."""
    several = report(submission(score=7), submission(score=0), submission(score=10))
    assert (several.score, several.max_score) == (17, 30)
    assert (report().score, report().max_score) == (0, 0)


LAWS = st.lists(st.tuples(st.sampled_from(["passed", "unstable", "failed", "error"]), st.integers(0, 9)), max_size=6)


@settings(deadline=None)
@given(LAWS, st.integers(0, 40))
def test_shares_add_up(laws, points):
    """Whatever an exercise is worth: its laws' shares make up its points, and those of the kept ones its score."""
    full = sum(most for _, most in laws)
    assume(full)
    results = tuple(
        PropertyResult(
            name="law", status=status, points=most * (status in ("passed", "unstable")), max_points=most, message=""
        )
        for status, most in laws
    )
    score = sum(law.points for law in results) * points // full
    exercise = dataclasses.replace(EXERCISE, score=score, max_score=points, properties=results)
    assert sum(exercise.shares) == points
    assert sum(share for share, law in zip(exercise.shares, results, strict=True) if law.earned) == score
    assert min(exercise.shares) >= 0
    if points == full:
        assert exercise.shares == tuple(law.max_points for law in results)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (0.5, 0.5),
        (3, 3),
        (True, True),
        (None, None),
    ],
    ids=str,
)
def test_numbers_that_json_lacks(number, text):
    """What JSON has no word for is written as text, so that every reader can read it."""
    example = dataclasses.replace(COUNTEREXAMPLE, case={"options": {"x": [number]}})
    exercise = dataclasses.replace(EXERCISE, properties=(dataclasses.replace(PROPERTY, counterexample=example),))
    data = json.loads(json.dumps(report(submission(exercises=(exercise,))).to_json(), allow_nan=False))
    case = data["submissions"][0]["exercises"][0]["properties"][0]["counterexample"]["case"]
    assert case == {"options": {"x": [text]}}


def test_texts_that_are_not_unicode():
    """A file name or a message with lone surrogates can be written as UTF-8."""
    data = report(submission(path="caf\udce9.py", message="\ud800!")).to_json()
    raw = json.dumps(data, ensure_ascii=False).encode("utf-8")
    again = json.loads(raw)["submissions"][0]
    assert (again["path"], again["message"]) == ("caf\\udce9.py", "\\ud800!")


@pytest.mark.parametrize(
    ("statuses", "passed"),
    [
        ([], True),
        (["passed"], True),
        (["passed", "unstable"], True),
        (["passed", "failed"], False),
        (["error"], False),
        (["passed", "missing"], False),
        (["skipped"], False),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_all_passed(statuses, passed):
    """All passed means full marks for each; an unstable law is no failure."""
    assert report(*(submission(status=status) for status in statuses)).all_passed is passed


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (["passed", "failed", "error", "skipped"], "error"),
        (["skipped", "failed", "unstable"], "failed"),
        (["failed", "missing"], "failed"),
        (["passed", "missing"], "missing"),
        (["passed", "unstable"], "unstable"),
        (["skipped", "passed"], "passed"),
        (["skipped"], "skipped"),
        ([], "passed"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else value,
)
def test_worst(statuses, status):
    """A whole is as bad as its worst part; what was skipped does not count where something was not."""
    assert worst(statuses) == status
