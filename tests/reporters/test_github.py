"""Annotations of GitHub Actions: read as the runner reads its log, in which every line may be a command."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from hypothesis import given

from grader.report import Report
from grader.reporters import TO_READ, to_read
from grader.reporters.github import as_log_line, render
from tests.reporters.reports import NOTHING, PASSED, UNTIMED, WHOLE, law, report, reports, texts

Command = tuple[str, dict[str, str], str]


def unescaped(text: str, *, in_property: bool) -> str:
    for code, char in (("%3A", ":"), ("%2C", ",")) if in_property else ():
        text = text.replace(code, char)
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def commands(log: str) -> Iterator[Command]:
    """What the runner does for a log: a line that begins with ``::``, or holds ``##[``, is a command."""
    for line in log.splitlines():
        if line.lstrip().startswith("::"):
            head, _, data = line.lstrip()[2:].partition("::")
            name, _, listed = head.partition(" ")
            pairs = (each.partition("=") for each in listed.split(",")) if listed else ()
            properties = {key: unescaped(value, in_property=True) for key, _, value in pairs}
            yield name, properties, unescaped(data, in_property=False)
        elif "##[" in line:
            yield line, {}, ""


def test_whole_output() -> None:
    """Annotations stand on the line that raised, else where the function is defined; then the score."""
    assert render(WHOLE) == (
        "::error file=hw.py,line=4,title=init_hidden%3A right shape::It has shape (2, 3).\n"
        "::error file=hw.py,line=9,title=init_hidden%3A no copy::Your code raised ValueError.\n"
        "::error file=hw.py,line=2,title=unroll%3A outputs::hw.py, line 2 is not Python.\n"
        "::warning file=hw.py,line=4,title=init_hidden%3A dtype follows::It failed once.\n"
        "::notice file=hw.py,line=2,title=To be read::hw.py, line 2: ctypes reaches far "
        "(For whoever gives the marks to read: no exercise needs this. It costs no points.)\n"
        "6 of 15 points: hw.py\n"
    )
    assert render(NOTHING) == (
        "::error file=empty.py,title=Nothing could be graded::empty.py has no code in it.\n0 of 0 points: empty.py\n"
    )
    assert render(PASSED) == "10 of 10 points: right.py\n"


def test_a_line_of_another_file_is_annotated_there() -> None:
    """What raised in a file beside the one that was graded is shown in that file; a cell's line in none."""
    (submission,) = PASSED.submissions
    (exercise,) = submission.exercises
    raised = law("a", "failed", message="Wrong.", script="1", where="helper.py, line 7, in f")
    exercise = dataclasses.replace(exercise, path="week 3/hw.py", properties=(raised,))
    assert render(report(dataclasses.replace(submission, exercises=(exercise,)))).startswith(
        "::error file=week 3/helper.py,line=7,title=init_hidden%3A a::Wrong.\n"
    )
    raised = law("a", "failed", message="Wrong.", script="1", where="hw.ipynb, cell 3, line 7, in f")
    exercise = dataclasses.replace(exercise, path="hw.ipynb", line=None, properties=(raised,))
    assert render(report(dataclasses.replace(submission, exercises=(exercise,)))).startswith(
        "::error file=hw.ipynb,title=init_hidden%3A a::Wrong.\n"
    )


def test_the_same_at_the_same_place_is_said_once() -> None:
    """Laws that fail for one reason at one place are one annotation."""
    (submission,) = PASSED.submissions
    (exercise,) = submission.exercises
    laws = tuple(law(name, "failed", message="Your code raised ValueError.") for name in "abc")
    changed = dataclasses.replace(submission, exercises=(dataclasses.replace(exercise, properties=laws),))
    assert render(report(changed)) == (
        "::error file=right.py,line=3,title=init_hidden%3A a and 2 more::Your code raised ValueError.\n"
        "10 of 10 points: right.py\n"
    )


def test_as_many_as_github_shows() -> None:
    """Of more problems than GitHub shows for a step, the last annotation says how many there are."""
    (submission,) = PASSED.submissions
    (exercise,) = submission.exercises
    laws = tuple(law(f"law {number}", "failed", message=f"Wrong {number}.") for number in range(12))
    changed = dataclasses.replace(submission, exercises=(dataclasses.replace(exercise, properties=laws),))
    found = list(commands(render(report(changed))))
    assert len(found) == 10
    assert found[-1] == (
        "error",
        {"title": "And more"},
        "3 more problems are not shown here: GitHub shows 10 for a step.",
    )


@UNTIMED
@given(reports)
def test_no_text_of_a_report_is_a_command(report: Report) -> None:
    """Whatever a submission says, the runner finds annotations of ours and no other command, each text whole."""
    found = list(commands(render(report)))
    assert {name for name, _, _ in found} <= {"error", "warning", "notice"}
    for kind in ("error", "warning", "notice"):
        assert sum(name == kind for name, _, _ in found) <= 10
    messages = {law.message for each in report.submissions for ex in each.exercises for law in ex.properties}
    messages |= {each.message for each in report.submissions}
    messages |= {f"{text} ({TO_READ})" for each in report.submissions for text in to_read(each)}
    for _, properties, data in found:
        assert properties.keys() <= {"file", "line", "title"}
        assert properties.get("line", "1").isdigit()
        assert data in messages or properties["title"] == "And more"


@UNTIMED
@given(texts)
def test_no_line_of_a_log_is_a_command(text: str) -> None:
    """Whatever is shown after words of ours is one line and no command."""
    line = f"Error: {as_log_line(text)}"
    assert len(line.splitlines()) == 1
    assert list(commands(line)) == []
    assert "::" not in as_log_line(text)


@pytest.mark.parametrize(("path", "file"), [(".", "hw.py"), ("a/sub", "a/sub/hw.py"), ("a/hw.py", "a/hw.py")])
def test_a_file_of_a_folder_is_annotated_in_it(path: str, file: str) -> None:
    """Where nothing defines what is asked for, because a file can't be read, that file is shown."""
    (submission,) = PASSED.submissions
    (exercise,) = submission.exercises
    exercise = dataclasses.replace(exercise, path="", line=None, status="error", message="hw.py, line 2 is not Python.")
    exercise = dataclasses.replace(exercise, properties=(law("a", "failed", message="Not Python."),))
    told = render(report(dataclasses.replace(submission, path=path, exercises=(exercise,))))
    assert told.startswith(f"::error file={file},line=2,title=init_hidden%3A a::Not Python.\n")
