"""grader export: from a gradebook to a file, with the course's policy."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from grader import cli
from grader.course import find_course
from grader.exporting import FORMATS
from grader.gradebook import Gradebook, Grading
from tests.exports.sheets import MARKS, rows
from tests.marks import Gradebook as Held

TOML = """\
title = "A course"
seed = 7
max_examples = 9
pass_mark = 0.6

[policy]
due = 2026-11-21T23:59:00+01:00
late_penalty_per_day = 0.1

[[exercise]]
name = "unroll"
points = 10
weight = 2

[[exercise]]
name = "generate"
points = 20
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with a policy, and a gradebook ``book`` of a small cohort."""
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "course.toml").write_text(TOML, encoding="utf-8")
    monkeypatch.setattr("grader.exporting.Gradebook", Held)
    monkeypatch.setattr(Held, "marks_of", {"book": list(MARKS), "empty": []}, raising=False)
    return tmp_path


def run(course: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["export", *arguments, "--course", str(course)], prog_name="grader")


def test_applies_the_courses_policy(course: Path) -> None:
    """Weights, lateness and the pass mark are the course's; CSV on standard output is the default."""
    result = run(course, "book")
    assert (result.exit_code, result.stderr) == (0, "")
    header, ada, ben = (row[-7:] for row in rows(result.stdout))
    assert header == ["raw", "points", "max", "passed", "days late", "how", "to read"]
    assert ada[:5] == ["28.00", "36.00", "40.00", "yes", "0"]
    assert ben[-2] == (
        "unroll: 10 of 10, 2 days late: -2.00, counts 2.00 times; generate: 0 of 20, nothing handed in; "
        "in all 16.00 of 40.00"
    )


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_written_to_a_file(course: Path, name: str) -> None:
    """--output writes the whole text, and the same again the second time."""
    path = course / "out"
    result = run(course, "book", "--format", name, "--output", str(path))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith(f"Wrote {path}.\n")
    assert run(course, "book", "--format", name).stdout == path.read_text(encoding="utf-8")


def test_the_command_offers_all_formats() -> None:
    """What --format takes is what there is."""
    (option,) = (each for each in cli.main.commands["export"].params if each.name == "format_")
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == tuple(FORMATS)


def test_a_platforms_table_is_filled_in(course: Path) -> None:
    """--roster is read as spreadsheets write it; what could not be matched is told beside the export."""
    table = course / "grades.csv"
    table.write_bytes("\ufeffStudent;ID;unroll (5)\r\n    Points Possible;;10\r\nAda;1044;\r\n".encode())
    result = run(course, "book", "--format", "canvas", "--roster", str(table), "--assignment", "unroll")
    assert rows(result.stdout) == [
        ["Student", "ID", "unroll (5)"],
        ["    Points Possible", "", "10.00"],
        ["Ada", "1044", "9.00"],
    ]
    assert result.stderr == (
        "Students who are not in grades.csv; their marks are not exported: 1045.\n"
        "unroll (5) has 10.00 points in Canvas, and 40.00 here; the points are brought to those of Canvas.\n"
    )


WRONG_USE = {
    "roster": (
        ("book", "--roster", "x.csv"),
        "--roster is for --format canvas and moodle; csv needs no table.",
    ),
    "assignment": (
        ("book", "--format", "json", "--assignment", "Quiz"),
        "--assignment is for --format canvas; no other format names an assignment.",
    ),
    "no marks": (("empty",), "empty holds no marks. They come from: grader cohort PATH --gradebook empty"),
    "no table": (
        ("book", "--format", "moodle", "--roster", "gone.csv"),
        "gone.csv can't be read: No such file or directory.",
    ),
    "the gradebook": (
        ("book", "--output", "./book"),
        "--output book is the gradebook itself, which would be lost; choose another file.",
    ),
    "the roster": (
        ("book", "--format", "canvas", "--roster", "old.csv", "--output", "old.csv"),
        "--output old.csv is the --roster itself, which would be lost; choose another file.",
    ),
    "no folder": (
        ("book", "--output", "/gone/out.csv"),
        "/gone/out.csv can't be written: there is no folder /gone.",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG_USE.values(), ids=WRONG_USE)
def test_says_what_is_used_wrongly(
    course: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    """A wrong use is one sentence and exit code 2."""
    monkeypatch.chdir(course)
    result = run(course, *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"grader: {message}\n")


def test_an_empty_table_is_refused(course: Path) -> None:
    """A table with nothing in it is no table of a platform."""
    (course / "none.csv").write_text("\n\n", encoding="utf-8")
    result = run(course, "book", "--format", "canvas", "--roster", str(course / "none.csv"))
    assert result.exit_code == 2
    assert result.stderr == f"grader: {course / 'none.csv'} is empty: expected the table that the platform gives.\n"


def test_exports_a_gradebook_as_it_is_stored(tmp_path: Path) -> None:
    """What a gradebook holds comes out, and it is not changed by that."""
    path = tmp_path / "book.sqlite"
    law = {"name": "isolated", "points": 5, "max_points": 5, "status": "passed", "message": "", "counterexample": None}
    report = {
        "name": "unroll",
        "status": "passed",
        "score": 10,
        "max_score": 10,
        "seconds": 0.1,
        "message": "",
        "properties": [law],
    }
    with Gradebook(path) as book:
        one = book.begin_run({})
        book.add_attempt(
            one,
            student="s1",
            name="=Ada",
            email="",
            content="c",
            shown="ada.py",
            handed_in=None,
            late=None,
        )
        grading = Grading(content="c", exercise="unroll", exercise_key="k", report=report)
        book.add_gradings(one, [grading])
        book.add_marks(one, [("s1", 1, "unroll", grading.key)])
    before = path.read_bytes()
    course = find_course(Path(__file__).resolve().parents[1])
    result = run(course.root, str(path), "--per", "property")
    assert rows(result.stdout)[1][:5] == ["s1", "'=Ada", "", "10.00", "10.00"]
    assert path.read_bytes() == before
