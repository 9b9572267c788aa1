"""Tables that map students to paths: what is read, and what is said of a line that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from grader.errors import UsageError
from tests.platforms.laying import CODE, contents, read, told


def table(folder: Path, text: str | bytes) -> Path:
    """A table beside some submissions."""
    for name in ("hw/ada.py", "hw/ben/hw.py", "hw/ben/notes.txt"):
        (folder / "given" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "given" / name).write_bytes(CODE)
    path = folder / "given" / "who.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_reads_all_columns(tmp_path: Path) -> None:
    """A line gives a student's attempt with all that is known of it; without a path nothing was handed in."""
    text = (
        "attempt,student,path,name,email,handed_in,late\n"
        '1,s1,hw/ada.py,"Lovelace, Ada",ada@example.edu,2026-11-21T23:59:00+01:00,no\n'
        "2,s1,hw/ben,,,2026-11-22 10:00,YES\n"
        ",s2,,Ben,,,\n"
    )
    roster = read(table(tmp_path, text))
    assert roster.kind == "csv"
    assert told(roster, "student", "name", "attempt", "late", "shown", "problem") == [
        ("s1", "Lovelace, Ada", 1, False, "hw/ada.py", ""),
        ("s1", "", 2, True, "hw/ben", ""),
        ("s2", "Ben", 1, None, "", "Nothing was handed in."),
    ]
    assert [one.handed_in for one in roster.handed_in] == [
        datetime(2026, 11, 21, 23, 59, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 11, 22, 10, tzinfo=UTC),
        None,
    ]
    assert contents(roster.handed_in[0].path) == {"ada.py": CODE}
    assert roster.remarks == ("Taken for UTC, for the zone is not known: line 3.",)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbfstudent;path\r\ns1;hw/ada.py\r\n\r\n",
        b"Student\tPath\ns1\thw/ada.py",
        b"path , student\r\nhw\\ada.py , s1\r\n",
        b'"student","path"\n"s1","./hw/../hw/ada.py"\n',
    ],
    ids=["mark, semicolons, Windows", "tabs", "backslashes and spaces", "quotes and dots"],
)
def test_reads_what_spreadsheets_write(tmp_path: Path, raw: bytes) -> None:
    """Marks of UTF-8, other separators, line ends of Windows and backslashes are what people have."""
    roster = read(table(tmp_path, raw))
    assert told(roster, "student") == [("s1",)]
    assert contents(roster.handed_in[0].path) == {"ada.py": CODE}


HEADER = "expected a header with student and path, and perhaps name, email, handed_in, late, attempt; got"
WRONG = {
    "empty": ("", f"{{table}}: {HEADER} nothing."),
    "no header": ("s1,hw/ada.py\n", f"{{table}}: {HEADER} s1, hw/ada.py."),
    "another column": ("student,path,grade\n", f"{{table}}: {HEADER} student, path, grade."),
    "a column twice": ("student,path,path\n", f"{{table}}: {HEADER} student, path, path."),
    "Latin 1": (b"student,path\nJos\xe9,hw/ada.py\n", "{table} is not UTF-8; save it as “CSV UTF-8”."),
    "no student": ("student,path\n,hw/ada.py\n", "{table} can't be used. Line 2: the student is missing."),
    "too many cells": (
        "student,path\ns1,hw/ada.py,x\n",
        "{table} can't be used. Line 2: it has 3 cells, and the header has 2.",
    ),
    "twice": (
        "student,path\ns1,hw/ada.py\n\ns1,hw/ben\n",
        "{table} can't be used. Line 4: attempt 1 of s1 stands in line 2 already.",
    ),
    "not there": (
        "student,path\ns1,hw/eve.py\n",
        "{table} can't be used. Line 2: there is no hw/eve.py beside the table; leave the path empty if nothing was "
        "handed in.",
    ),
    "late": (
        "student,path,late\ns1,hw/ada.py,maybe\n",
        "{table} can't be used. Line 2: late must be yes, no or empty, got maybe.",
    ),
    "attempt": (
        "student,path,attempt\ns1,hw/ada.py,0\n",
        "{table} can't be used. Line 2: attempt must be a number from 1, got 0.",
    ),
    "time": (
        "student,path,handed_in\ns1,hw/ada.py,21.11.2026\n",
        "{table} can't be used. Line 2: handed_in must be a time as 2026-11-21 23:59 +01:00, got 21.11.2026.",
    ),
    "several": (
        "student,path\n" + ",x\n" * 7,
        "{table} can't be used. "
        + " ".join(f"Line {n}: the student is missing." for n in range(2, 7))
        + " So it is with 2 more lines.",
    ),
    "no path": ("student,path\ns1,a\0b\n", "{table} can't be used. Line 2: a\\x00b is no path."),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_says_what_is_wrong_and_where(tmp_path: Path, text: str | bytes, message: str) -> None:
    """A table that can't be used is refused with the line and what was expected there."""
    path = table(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        read(path)
    assert str(caught.value) == message.format(table=path)


@pytest.mark.parametrize("way", ["up", "absolute", "link"])
def test_paths_stay_in_the_folder(tmp_path: Path, way: str) -> None:
    """Neither .. nor a root nor a link leads out of the table's folder."""
    (tmp_path / "secret.py").write_bytes(CODE)
    given = {"up": "../secret.py", "absolute": str(tmp_path / "secret.py"), "link": "hw/link.py"}[way]
    path = table(tmp_path, f"student,path\ns1,{given}\n")
    (tmp_path / "given" / "hw" / "link.py").symlink_to(tmp_path / "secret.py")
    with pytest.raises(UsageError) as caught:
        read(path)
    assert str(caught.value) == (
        f"{path} can't be used. Line 2: {given} leads out of the folder of the table; "
        "put the table into a folder that holds both."
    )
