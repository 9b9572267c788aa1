"""The report as JSON, checked against its schema."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import report as report_module
from grader.report import (
    Counterexample,
    Diagnosis,
    Environment,
    ExerciseResult,
    PropertyResult,
    Remark,
    Report,
    SubmissionResult,
)
from grader.reporters.json_report import render
from tests.builders import PROTECTION

SCHEMA = json.loads((Path(report_module.__file__).parent / "schema" / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

texts = st.text(max_size=8)
names = st.text(min_size=1, max_size=8).filter(lambda text: bool(text.encode("utf-8", "replace")))
statuses = st.sampled_from(["passed", "failed", "error", "missing", "unstable", "skipped"])
numbers = st.floats(0, 1e6)
points = st.integers(0, 100)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
cases = st.fixed_dictionaries(
    {
        "parts": st.dictionaries(texts, plain, max_size=2),
        "dtype": names,
        "device": names,
        "options": st.dictionaries(texts, plain, max_size=2),
    }
)
counterexamples = st.builds(Counterexample, case=cases, script=names, expected=texts, got=texts, where=texts)
properties = st.builds(
    PropertyResult,
    name=names,
    status=statuses,
    points=points,
    max_points=points,
    message=texts,
    counterexample=st.none() | counterexamples,
)
diagnoses = st.builds(
    Diagnosis, misconception=names, title=names, explanation=texts, hint=texts, agreement=st.floats(0, 1)
)
exercises = st.builds(
    ExerciseResult,
    name=names,
    status=statuses,
    score=points,
    max_score=points,
    seconds=numbers,
    message=texts,
    printed=texts,
    diagnosis=st.lists(diagnoses, max_size=2).map(tuple),
    properties=st.lists(properties, max_size=2).map(tuple),
    path=texts,
    line=st.none() | st.integers(1),
    remarks=st.lists(st.builds(Remark, where=names, what=names, why=names), max_size=2).map(tuple),
)
submissions = st.builds(
    SubmissionResult,
    path=texts,
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    status=statuses,
    score=points,
    max_score=points,
    seconds=numbers,
    message=texts,
    exercises=st.lists(exercises, max_size=2).map(tuple),
)
ENVIRONMENT = Environment(
    python="3.11.0",
    torch="2.6.0",
    hypothesis="6.100.0",
    platform="Linux x86_64",
    devices=("cpu",),
    isolation=PROTECTION,
)
reports = st.builds(
    Report,
    grader_version=names,
    seed=st.integers(0),
    max_examples=st.integers(1),
    environment=st.just(ENVIRONMENT),
    submissions=st.lists(submissions, max_size=2).map(tuple),
)

WRONG = PropertyResult(
    name="right shape",
    status="failed",
    points=0,
    max_points=3,
    message="Wrong.",
    counterexample=Counterexample(
        case={"parts": {"batch_size": 1}, "dtype": "float64", "device": "cpu", "options": {}},
        script="print(1)\n",
        expected="1",
        got="2",
        where="state",
    ),
)
SMALL = Report(
    grader_version="0.1.0",
    seed=1,
    max_examples=5,
    environment=ENVIRONMENT,
    submissions=(
        SubmissionResult(
            path="é.py",
            sha256="0" * 64,
            status="failed",
            score=2,
            max_score=10,
            seconds=0.5,
            exercises=(
                ExerciseResult(
                    name="init_hidden",
                    status="failed",
                    score=2,
                    max_score=10,
                    seconds=0.25,
                    properties=(WRONG,),
                    path="é.py",
                    line=3,
                ),
            ),
        ),
    ),
)
SMALL_AS_TEXT = """\
{
  "format_version": 1,
  "grader_version": "0.1.0",
  "seed": 1,
  "max_examples": 5,
  "environment": {
    "python": "3.11.0",
    "torch": "2.6.0",
    "hypothesis": "6.100.0",
    "platform": "Linux x86_64",
    "devices": [
      "cpu"
    ],
    "isolation": {
      "level": "weak",
      "means": [
        "limits"
      ],
      "attempts": [
        {
          "what": "take more memory",
          "blocked": true,
          "by": [
            "limits"
          ],
          "needed_for": "weak",
          "improve": ""
        },
        {
          "what": "read other files",
          "blocked": false,
          "by": [],
          "needed_for": "good",
          "improve": "use Landlock"
        }
      ]
    }
  },
  "score": 2,
  "max_score": 10,
  "submissions": [
    {
      "path": "é.py",
      "sha256": "0000000000000000000000000000000000000000000000000000000000000000",
      "status": "failed",
      "score": 2,
      "max_score": 10,
      "seconds": 0.5,
      "message": "",
      "exercises": [
        {
          "name": "init_hidden",
          "status": "failed",
          "score": 2,
          "max_score": 10,
          "seconds": 0.25,
          "message": "",
          "printed": "",
          "diagnosis": [],
          "properties": [
            {
              "name": "right shape",
              "status": "failed",
              "points": 0,
              "max_points": 3,
              "message": "Wrong.",
              "counterexample": {
                "case": {
                  "parts": {
                    "batch_size": 1
                  },
                  "dtype": "float64",
                  "device": "cpu",
                  "options": {}
                },
                "script": "print(1)\\n",
                "expected": "1",
                "got": "2",
                "where": "state"
              }
            }
          ],
          "path": "é.py",
          "line": 3,
          "remarks": []
        }
      ]
    }
  ]
}
"""


def test_the_schema_is_a_schema() -> None:
    """The schema itself is valid, and every object in it is closed but for a case's own parts and options."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    closed = json.dumps(SCHEMA).count('"additionalProperties": false')
    assert json.dumps(SCHEMA).count('"type": "object"') == closed + 2


def test_whole_output() -> None:
    """A report reads exactly like this: keys in the order of the fields, text as it is."""
    assert render(SMALL) == SMALL_AS_TEXT
    VALIDATOR.validate(json.loads(SMALL_AS_TEXT))


@given(reports)
def test_every_report_fits_the_schema(report: Report) -> None:
    """Whatever stands in a report, its JSON is strict JSON, is UTF-8, and fits the schema."""
    text = render(report)
    text.encode("utf-8")
    data = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    VALIDATOR.validate(data)


@given(reports)
def test_rendering_is_pure(report: Report) -> None:
    """The same report gives the same text."""
    assert render(report) == render(report)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("format_version", 2),
        ("seed", -1),
        ("max_examples", 0),
        ("extra", 1),
        ("submissions/0/status", "wrong"),
        ("submissions/0/sha256", "abc"),
        ("submissions/0/score", 1.5),
        ("submissions/0/exercises/0/properties/0/counterexample", {}),
        ("submissions/0/exercises/0/properties/0/counterexample/case/dtype", None),
        ("environment/devices", []),
    ],
)
def test_the_schema_refuses(pointer: str, value: object) -> None:
    """The schema would notice a report that is not of this format."""
    data: Any = json.loads(SMALL_AS_TEXT)
    *parents, last = [int(part) if part.isdigit() else part for part in pointer.split("/")]
    inner = data
    for part in parents:
        inner = inner[part]
    inner[last] = value
    assert not VALIDATOR.is_valid(data)


@pytest.mark.parametrize(
    ("definition", "kind"),
    [
        ("environment", Environment),
        ("submission", SubmissionResult),
        ("exercise", ExerciseResult),
        ("remark", Remark),
        ("diagnosis", Diagnosis),
        ("property", PropertyResult),
        ("counterexample", Counterexample),
    ],
)
def test_the_schema_names_every_field(definition: str, kind: type) -> None:
    """Schema and dataclasses have the same fields, all of them required."""
    named = [field.name for field in fields(kind)]
    assert list(SCHEMA["$defs"][definition]["properties"]) == named
    assert SCHEMA["$defs"][definition]["required"] == named


def test_scores_are_sums() -> None:
    """A report's score is the sum of its submissions'."""
    two = replace(SMALL, submissions=SMALL.submissions * 2)
    assert (two.score, two.max_score) == (4, 20)
    assert re.findall(r'^  "(?:max_)?score": (\d+)', render(two), re.M) == ["4", "20"]
