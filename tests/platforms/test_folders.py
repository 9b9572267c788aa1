"""Folders with a file or a folder a student."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from tests.platforms.laying import CODE, contents, lay, read, told


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_each_file_or_folder_is_a_student(tmp_path: Path, packed: bool) -> None:
    """Names of files without suffix, and of folders, are the ids; what can't be code is passed over and told."""
    files = {
        "all/ada.py": CODE,
        "all/ben.ipynb": b"{}",
        "all/cem.tar.gz": b"\x1f\x8b",
        "all/dan/hw.py": CODE,
        "all/dan/data.csv": b"1",
        "all/eve": None,
        "all/fay/hw.zip": b"PK",
        "all/gil/notes.txt": b"",
        "all/grades.xlsx": b"",
        "all/.hidden.py": CODE,
        "all/__pycache__/ada.pyc": b"",
    }
    path = lay(tmp_path, files, packed=packed)
    roster = read(path if packed else path / "all")
    assert roster.kind == "folder"
    above = "all/" if packed else ""
    assert told(roster, "student", "shown", "problem") == [
        ("ada", f"{above}ada.py", ""),
        ("ben", f"{above}ben.ipynb", ""),
        ("cem", f"{above}cem.tar.gz", ""),
        ("dan", f"{above}dan", ""),
        ("eve", f"{above}eve", "Nothing was handed in."),
        ("fay", f"{above}fay", ""),
        ("gil", f"{above}gil", "No .py, no .ipynb and no archive of them was handed in, only notes.txt."),
    ]
    assert contents(roster.handed_in[0].path) == {"ada.py": CODE}
    assert contents(roster.handed_in[5].path) == {"hw.zip": b"PK"}
    assert roster.remarks == (f"{above}grades.xlsx is passed over: no .py, no .ipynb, no archive.",)


def test_code_is_found_below(tmp_path: Path) -> None:
    """A folder an exercise, or folders around the code, are one submission."""
    files = {
        "ada/week 1/src/hw.py": CODE,
        "ada/week 1/data/x.csv": b"",
        "ben/one/a.py": b"a",
        "ben/two/b.py": b"b",
        "cem/one/hw.py": b"1",
        "cem/two/hw.py": b"2",
        "dan/a.zip": b"PK",
        "dan/b.zip": b"PK",
    }
    roster = read(lay(tmp_path, files))
    assert told(roster, "student", "problem") == [
        ("ada", ""),
        ("ben", ""),
        ("cem", ""),
        ("dan", "It holds several archives, a.zip, b.zip; hand in one."),
    ]
    assert contents(roster.handed_in[0].path) == {"hw.py": CODE}
    paths = [each.path.name for each in roster.handed_in]
    assert paths == ["src", "ben", "cem", "dan"]


def test_two_of_one_name_stand_for_themselves(tmp_path: Path) -> None:
    """ada.py and ada.ipynb are not mixed up; it is told."""
    roster = read(lay(tmp_path, {"ada.py": CODE, "ada.ipynb": b"{}", "ben.py": CODE}))
    assert told(roster, "student") == [("ada.ipynb",), ("ada.py",), ("ben",)]
    assert roster.remarks == (
        "ada.ipynb: there are several of ada; each stands for itself.",
        "ada.py: there are several of ada; each stands for itself.",
    )


def test_names_that_are_the_same_to_the_eye_stand_for_themselves(tmp_path: Path) -> None:
    """Names that differ only in how an accent is made, or in what can't be seen, are two students with a mark each."""
    names = [unicodedata.normalize(form, "José.py") for form in ("NFC", "NFD")] + ["ann\\x07.py", "ann\x07.py"]
    roster = read(lay(tmp_path, dict.fromkeys(names, CODE)))
    students = {one.student for one in roster.handed_in}
    assert students == {"José.py", "José.py (2)", "ann\\x07.py", "ann\\x07.py (2)"}


def test_names_of_all_kinds_are_ids(tmp_path: Path) -> None:
    """Spaces, accents and emoji stay; accents are the same however they are made; what can't be seen is written out."""
    names = ["O'Neill, Zoë 🦊", unicodedata.normalize("NFD", "José"), "a\tb\x1b[2J", "-rf"]
    roster = read(lay(tmp_path, {f"{name}.py": CODE for name in names}))
    assert sorted(one.student for one in roster.handed_in) == sorted(
        ["O'Neill, Zoë 🦊", unicodedata.normalize("NFC", "José"), "a\\tb\\x1b[2J", "-rf"]
    )


def test_a_link_is_its_students_problem(tmp_path: Path) -> None:
    """A link is handed on as it is, for reading refuses it; a link to a folder is not looked into."""
    folder = lay(tmp_path, {"ada.py": CODE})
    (folder / "ben").symlink_to(tmp_path)
    roster = read(folder)
    assert [(one.student, one.path) for one in roster.handed_in] == [
        ("ada", folder / "ada.py"),
        ("ben", folder / "ben"),
    ]
