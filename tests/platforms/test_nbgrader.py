"""Trees of nbgrader: students, assignments and times."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.errors import UsageError
from tests.platforms.laying import contents, lay, read, told

ONE = {
    "submitted/ada/ps1/problem 1.ipynb": b"{}",
    "submitted/ada/ps1/timestamp.txt": b"2026-02-02 15:58:23.948203 UTC\n",
    "submitted/ben/ps1/problem 1.ipynb": b"{}",
    "submitted/ben/ps1/timestamp.txt": b"2026-02-03 00:00:00 PST",
    "submitted/cem/ps1/timestamp.txt": b"yesterday",
    "submitted/dan": None,
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_reads_students_and_times(tmp_path: Path, packed: bool) -> None:
    """The folder is the id; the time is read, and taken for UTC where its zone is not known; nobody is left out."""
    roster = read(lay(tmp_path, ONE, packed=packed))
    assert roster.kind == "nbgrader"
    when = datetime(2026, 2, 2, 15, 58, 23, 948203, tzinfo=UTC)
    assert told(roster, "student", "handed_in", "late", "shown", "problem") == [
        ("ada", when, None, "submitted/ada/ps1", ""),
        ("ben", datetime(2026, 2, 3, tzinfo=UTC), None, "submitted/ben/ps1", ""),
        (
            *("cem", None, None, "submitted/cem/ps1"),
            "No .py, no .ipynb and no archive of them was handed in, only timestamp.txt.",
        ),
        ("dan", None, None, "submitted/dan", "Nothing was handed in."),
    ]
    assert contents(roster.handed_in[0].path)["problem 1.ipynb"] == b"{}"
    assert roster.remarks == (
        "submitted/cem/ps1/timestamp.txt holds no time; expected one as 2026-11-21 23:59:00 UTC.",
        "Taken for UTC, for the zone is not known: submitted/ben/ps1/timestamp.txt.",
    )


def test_one_of_several_assignments_is_chosen(tmp_path: Path) -> None:
    """With several assignments one has to be named; who lacks it handed in nothing."""
    tree = lay(tmp_path, {**ONE, "submitted/ben/ps2/b.ipynb": b"{}"}) / "submitted"
    roster = read(tree, assignment="ps2")
    assert [one.student for one in roster.handed_in if not one.problem] == ["ben"]


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        (None, "submitted holds several assignments; say which: --assignment NAME. There are: ps1, ps2."),
        ("ps3", "submitted holds no assignment 'ps3'. There are: ps1, ps2."),
    ],
)
def test_says_which_assignments_there_are(tmp_path: Path, assignment: str | None, message: str) -> None:
    """An assignment that is not named, or not there, is asked for by the names that are."""
    tree = lay(tmp_path, {**ONE, "submitted/ben/ps2/b.ipynb": b"{}"})
    with pytest.raises(UsageError) as caught:
        read(tree, assignment=assignment)
    assert str(caught.value) == message
