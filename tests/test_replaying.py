"""Counterexamples of a report, run again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.course import Course
from grader.errors import UsageError
from grader.grading import Grader
from grader.replaying import Replayed, read_report, replay
from grader.submission import read_submission

WRONG = """\
import torch


def init_hidden(rnn, batch_size):
    like = next(rnn.parameters())
    shape = (rnn.num_layers, batch_size, rnn.hidden_size)
    if rnn.mode == "LSTM":
        return torch.zeros(shape).to(like), torch.zeros(shape).to(like)
    return torch.zeros(shape).to(like)
"""

NO_JSON = "{path} is no report: it holds no JSON. Write one with grader grade SUBMISSION --report json=FILE."
ANOTHER_VERSION = "{path} is no report of format version 1, as grader grade --report json=FILE writes it."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "hw.py"
    path.write_text(WRONG, encoding="utf-8")
    return path


@pytest.fixture
def report(path: Path, quick_grader: Grader) -> Any:
    """The report of a submission that forgets directions and ``proj_size``, as it comes from its JSON."""
    return json.loads(json.dumps(quick_grader.grade([read_submission(path)], ["init_hidden"]).to_json()))


def counterexamples(report: Any) -> Iterator[tuple[str, Any]]:
    for submission in report["submissions"]:
        for exercise in submission["exercises"]:
            for law in exercise["properties"]:
                if law["counterexample"] is not None:
                    yield law["name"], law


def test_what_was_found_is_found_again(quick_grader: Grader, report: Any, path: Path) -> None:
    """Every counterexample still fails on the same submission, with the same message and script."""
    found = dict(counterexamples(report))
    assert "zeros of the right shape" in found
    again = list(replay(quick_grader, report))
    assert again == [
        Replayed(
            path=str(path),
            exercise="init_hidden",
            law=name,
            still_fails=True,
            message=law["message"],
            script=law["counterexample"]["script"],
        )
        for name, law in found.items()
    ]


def test_what_was_mended_passes(quick_grader: Grader, report: Any, path: Path, course: Course) -> None:
    """With a right submission in its place every counterexample comes out right, and says so."""
    path.write_text((course.root / "solutions/init_hidden/solution.py").read_text(encoding="utf-8"), encoding="utf-8")
    again = list(replay(quick_grader, report))
    assert len(again) == len(list(counterexamples(report)))
    assert {(each.still_fails, each.message) for each in again} == {(False, "This case comes out right now.")}


def test_a_submission_that_can_not_be_run_any_more_fails(quick_grader: Grader, report: Any, path: Path) -> None:
    """A submission that was broken since fails with the reason."""
    path.write_text("def init_hidden(:\n", encoding="utf-8")
    first = next(replay(quick_grader, report))
    assert first.still_fails
    assert first.message == "hw.py, line 1 is not Python (invalid syntax): def init_hidden(:"


def test_a_submission_that_is_gone_is_said(quick_grader: Grader, report: Any, path: Path) -> None:
    """A report whose submission is not there any more can't be replayed, and the message names the file."""
    path.unlink()
    with pytest.raises(UsageError) as caught:
        list(replay(quick_grader, report))
    assert str(caught.value) == f"There is no file or folder {path}."


def test_a_report_without_counterexamples_gives_nothing(quick_grader: Grader, report: Any) -> None:
    """Where nothing failed there is nothing to run."""
    for _, law in counterexamples(report):
        law["counterexample"] = None
    assert list(replay(quick_grader, report)) == []


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (["submissions"], 1),
        (["submissions", 0, "exercises"], None),
        (["submissions", 0, "path"], 5),
        (["submissions", 0, "exercises", 0, "name"], "unrol"),
        (["submissions", 0, "exercises", 0, "properties", 0, "name"], "no such law"),
        (["submissions", 0, "exercises", 0, "properties", 0, "counterexample"], {}),
        (["submissions", 0, "exercises", 0, "properties", 0, "counterexample", "case"], {"parts": 1}),
        (
            ["submissions", 0, "exercises", 0, "properties", 0, "counterexample", "case", "parts", "rnn"],
            {"part": "NoSuchPart"},
        ),
        (["submissions", 0, "exercises", 0, "properties", 0, "counterexample", "case", "parts"], {}),
        (["submissions", 0, "exercises", 0, "properties", 0, "counterexample", "case", "dtype"], "float23"),
    ],
    ids=[
        "submissions",
        "exercises",
        "path",
        "exercise",
        "law",
        "counterexample",
        "case",
        "part",
        "no parts",
        "dtype",
    ],
)
def test_a_report_that_was_changed_is_the_callers(
    quick_grader: Grader, report: Any, keys: list[Any], value: object
) -> None:
    """A report that does not hold together is used wrongly: neither a fault of the grader nor of the submission."""
    inner = report
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    with pytest.raises(UsageError):
        list(replay(quick_grader, report))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "There is no file {path}."),
        ("print(1)", NO_JSON),
        ("[]", ANOTHER_VERSION),
        ('{"format_version": 2}', ANOTHER_VERSION),
        ("\udcff", NO_JSON),
    ],
    ids=["missing", "not JSON", "a list", "another version", "not UTF-8"],
)
def test_says_what_is_no_report(tmp_path: Path, content: str | None, message: str) -> None:
    """A file that is no report is refused with what was expected."""
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(UsageError) as caught:
        read_report(path)
    assert str(caught.value) == message.format(path=path)


@pytest.mark.parametrize(
    "data",
    [
        {"format_version": 1},
        {"format_version": 1, "seed": 1, "max_examples": 5},
        {"format_version": 1, "seed": "one", "max_examples": 5, "submissions": []},
        {"format_version": 1, "seed": 1, "max_examples": 0, "submissions": []},
    ],
    ids=["version only", "no submissions", "seed a text", "no cases"],
)
def test_a_report_needs_its_fields(tmp_path: Path, data: object) -> None:
    """What is needed to replay a report is checked when it is read."""
    path = tmp_path / "report.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_report(path)
    assert str(path) in str(caught.value)
