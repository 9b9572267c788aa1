"""The grading worksheet of Moodle, made anew or filled in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.errors import UsageError
from grader.exports import moodle
from tests.exports.sheets import MARKS, rows, sheet

HEADER = "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
HEADER += "Last modified (submission),Last modified (grade),Feedback comments"
WORKSHEET = [
    HEADER.split(","),
    ["Participant 1044", "Lovelace Ada", "", "Submitted", "", "100,00", "Yes", "Saturday, 21 November 2026", "-", ""],
    ["Participant 7", "Ben Hur", "ben@example.edu", "Submitted", "1.00", "100,00", "Yes", "-", "-", "Old; - words"],
    ["Participant 8", "Nobody", "", "No submission", "3.00", "100,00", "Yes", "-", "-", "Old; - words"],
]
FEEDBACK = "unroll: 8 of 10; generate: 20 of 20; in all 28.00 of 30.00"


def test_without_a_worksheet_ids_are_participants_numbers() -> None:
    """Moodle's columns in its order, the grade is the sum, and the feedback says how it came about."""
    export = moodle.render(sheet())
    header, ada, ben = rows(export.text)
    assert ",".join(header) == HEADER
    assert ada == [
        *("Participant 1044", "Lovelace, Ada", "ada@example.edu", "", "28.00", "30.00", "Yes", "-"),
        *("2026-11-22 00:00:00+00:00", FEEDBACK),
    ]
    assert (ben[0], ben[4]) == ("Participant 1045", "8.00")
    assert export.notes == (
        "Ids are taken for participants' numbers. If they are others, give the worksheet that Moodle gives: --roster.",
    )


def test_without_a_worksheet_other_ids_are_refused() -> None:
    """Rows that Moodle could not take are not written; what would help is said."""
    ada, ben = sheet().finals
    with pytest.raises(UsageError) as caught:
        moodle.render(replace(sheet(), finals=(replace(ada, student="ada"), ben)))
    assert str(caught.value) == (
        "Moodle finds participants by their numbers, and these ids are none: ada. Give the grading worksheet that "
        "Moodle gives: --roster FILE"
    )


def test_the_worksheet_is_filled_in() -> None:
    """Rows of those who have marks are filled in on Moodle's scale; those of others are left out, and so left alone."""
    export = moodle.render(sheet(platform=("worksheet.csv", WORKSHEET)))
    assert rows(export.text) == [
        WORKSHEET[0],
        [*WORKSHEET[1][:4], "93.33", *WORKSHEET[1][5:9], FEEDBACK],
        [
            *(*WORKSHEET[2][:4], "26.67", *WORKSHEET[2][5:9]),
            "unroll: 10 of 10, 2 days late: -2.00; generate: 0 of 20, nothing handed in; in all 8.00 of 30.00",
        ],
    ]
    assert export.notes == (
        "The maximum grade is 100.00 in Moodle, and 30.00 here; the grades are brought to that of Moodle.",
    )


def test_a_worksheet_in_another_language_is_refused() -> None:
    """Moodle knows columns by their names in the user's language; what to do is said."""
    with pytest.raises(UsageError) as caught:
        moodle.render(sheet(platform=("hoja.csv", [["Identificador", "Calificación"]])))
    assert str(caught.value) == (
        "hoja.csv is no grading worksheet of Moodle: expected the columns Identifier and Grade in its first line. "
        "Set Moodle to English before you download it, and before you upload it."
    )


def test_a_group_gets_no_participants_row() -> None:
    """Groups have numbers, too: where the number is a participant's and the name another, nothing is filled in."""
    group = [replace(MARKS[0], name="Group 4", email="")]
    export = moodle.render(sheet(group, platform=("worksheet.csv", WORKSHEET)))
    assert rows(export.text) == [WORKSHEET[0]]
    assert export.notes == (
        "Students whose marks are not exported, for the name is another in worksheet.csv: a group, perhaps: 1044.",
    )
