"""The CSV for Canvas's gradebook, made anew or from the one that Canvas exports."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.errors import UsageError
from grader.exports import canvas
from tests.exports.sheets import MARKS, rows, sheet

EXPORTED = [
    ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Quiz 1 (7)", "unroll (512)", "Final Score"],
    ["", "", "", "", "", "Manual Posting", "", ""],
    ["    Points Possible", "", "", "", "", "5", "100.00", "(read only)"],
    ["Lovelace, Ada", "9001", "1044", "al7", "A", "3", "", "60"],
    ["Hur, Ben", "9002", "S2", "BEN@example.edu", "B", "4", "50", "80"],
    ["=cmd(), Eve", "9003", "S3", "eve", "B", "4", "", "80"],
    ["Student, Test", "9004", "", "9a8b7c", "", "", "", ""],
]


def test_without_a_gradebook_ids_are_canvass_own() -> None:
    """Numbers are ids, addresses logins, the rest what the school calls them; what was not handed in stays empty."""
    other = [replace(MARKS[0], student="zoe@example.edu", name=""), replace(MARKS[0], student="s-77", name="")]
    export = canvas.render(sheet([*MARKS, *other]))
    assert export.text == (
        "Student,ID,SIS User ID,SIS Login ID,Section,unroll,generate\n"
        "    Points Possible,,,,,10.00,20.00\n"
        '"Lovelace, Ada",1044,,,,8.00,20.00\n'
        "Ben Hur,1045,,,,8.00,\n"
        "s-77,,s-77,,,8.00,\n"
        "zoe@example.edu,,,zoe@example.edu,,8.00,\n"
    )
    assert export.notes == (
        "Ids are taken for Canvas's own. If they are others, give the gradebook that Canvas exports: --roster.",
    )


def test_the_gradebook_of_canvas_is_filled_in() -> None:
    """Rows, ids and full names of assignments are Canvas's; points are on its scale; who is not there is told."""
    eve = replace(MARKS[0], student="S3", name="", email="")
    gone = replace(MARKS[0], student="S9", email="")
    export = canvas.render(sheet([*MARKS, eve, gone], platform=("grades.csv", EXPORTED)))
    assert export.text == (
        "Student,ID,SIS User ID,SIS Login ID,Section,unroll (512),generate\n"
        "    Points Possible,,,,,100.00,20.00\n"
        '"Lovelace, Ada",9001,1044,al7,A,80.00,20.00\n'
        '"Hur, Ben",9002,S2,BEN@example.edu,B,80.00,\n'
        '"\'=cmd(), Eve",9003,S3,eve,B,80.00,\n'
    )
    assert export.notes == (
        "Students who are not in grades.csv; their marks are not exported: S9.",
        "unroll (512) has 100.00 points in Canvas, and 10.00 here; the points are brought to those of Canvas.",
    )


def test_one_assignment_gets_the_sum() -> None:
    """With a name for all exercises there is one column, on the scale that it has in Canvas."""
    export = canvas.render(sheet(assignment="Quiz 1", platform=("grades.csv", EXPORTED)))
    assert [row[-1] for row in rows(export.text)] == ["Quiz 1 (7)", "5.00", "4.67", "1.33"]


def test_properties_get_columns() -> None:
    """Each property is a column of its own, with raw points."""
    header, most, ada, ben = rows(canvas.render(sheet(per="property")).text)
    laws = [header.index(name) for name in ("unroll: equal to the reference", "unroll: isolated")]
    assert [[row[at] for at in laws] for row in (most, ada, ben)] == [["5.00", "5.00"], ["3.00", "5.00"], ["", ""]]


def test_nobody_gets_the_marks_of_another() -> None:
    """A number that is one student's id in Canvas and another's at school is told, not guessed."""
    table = [*EXPORTED, ["Wei, Lin", "1044", "S5", "lw", "B", "", "", ""]]
    alone = [replace(MARKS[0], email="")]
    export = canvas.render(sheet(alone, platform=("grades.csv", table)))
    assert len(rows(export.text)) == 2
    assert export.notes[0] == (
        "Students who are in several rows of grades.csv, or in another's; their marks are not exported: 1044."
    )


def test_two_students_never_share_a_row() -> None:
    """Where the id of one and the address of another lead to the same row, neither gets it."""
    marks = [replace(MARKS[0], email=""), replace(MARKS[0], student="other", email="AL7")]
    export = canvas.render(sheet(marks, platform=("grades.csv", EXPORTED)))
    assert export.notes[0].endswith("their marks are not exported: 1044, other.")


def test_another_table_is_refused() -> None:
    """A table that Canvas did not export is refused with what was expected."""
    with pytest.raises(UsageError) as caught:
        canvas.render(sheet(platform=("x.csv", [["Identifier", "Grade"]])))
    assert (
        str(caught.value) == "x.csv is no gradebook of Canvas: expected the columns Student and ID in its first line."
    )
