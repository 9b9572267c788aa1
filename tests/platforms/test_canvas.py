"""Exports of Canvas: whose each file is, and what it was called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.platforms.laying import CODE, contents, lay, read, told

PACKED = pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])


@PACKED
def test_reads_students_ids_and_late_marks_from_the_names(tmp_path: Path, packed: bool) -> None:
    """Name, user's id and LATE come from the file's name; the file gets back the name that the student gave it."""
    files = {
        "lovelaceada_1044_88231_hw 1_final.py": CODE,
        "hopper_grace_LATE_1045_88240_Übung.ipynb": b"{}",
        "__MACOSX/._lovelaceada_1044_88231_hw 1_final.py": b"\0",
        ".DS_Store": b"\0",
    }
    roster = read(lay(tmp_path, files, packed=packed))
    assert roster.kind == "canvas"
    assert told(roster, "student", "name", "late", "attempt", "problem", "handed_in") == [
        ("1045", "hopper_grace", True, 1, "", None),
        ("1044", "lovelaceada", False, 1, "", None),
    ]
    assert [contents(one.path) for one in roster.handed_in] == [{"Übung.ipynb": b"{}"}, {"hw 1_final.py": CODE}]
    assert roster.handed_in[0].shown == "hopper_grace_LATE_1045_88240_Übung.ipynb"
    assert roster.remarks == ()


NAMES = {
    "digits in the file's name": ("adalovelace_10_20_30_40_hw.py", "10", "adalovelace", False, "30_40_hw.py"),
    "underscores in the name": ("van_der_berg_LATE_10_20_hw.py", "10", "van_der_berg", True, "hw.py"),
    "digits in the name": ("student2_10_20_hw.py", "10", "student2", False, "hw.py"),
    "letters of any script": ("мариямирзахани_10_20_hw.py", "10", "мариямирзахани", False, "hw.py"),
    "anonymous": ("anon_x7Yq2_20_hw.py", "anon_x7Yq2", "", False, "hw.py"),
    "anonymous and late": ("LATE_anon_x7Yq2_20_hw.py", "anon_x7Yq2", "", True, "hw.py"),
    "LATE in the file's name": ("ada_10_20_LATE_hw.py", "10", "ada", False, "LATE_hw.py"),
    "handed in again": ("ada_10_20_hw-3.py", "10", "ada", False, "hw.py"),
}


@pytest.mark.parametrize(("name", "student", "who", "late", "original"), NAMES.values(), ids=NAMES)
def test_names_are_read_as_canvas_makes_them(
    tmp_path: Path, name: str, student: str, who: str, late: bool, original: str
) -> None:
    """Each part of a name is found, whatever else is in it."""
    roster = read(lay(tmp_path, {name: CODE}))
    assert told(roster, "student", "name", "late") == [(student, who, late)]
    assert contents(roster.handed_in[0].path) == {original: CODE}


def test_the_last_of_what_came_again_counts(tmp_path: Path) -> None:
    """Of hw.py, hw-1.py and hw-2.py the last is graded, as hw.py; the others are told."""
    files = {"ada_10_22_hw-2.py": b"2", "ada_10_20_hw.py": b"0", "ada_10_21_hw-1.py": b"1", "ada_10_23_b.py": b"b"}
    roster = read(lay(tmp_path, files))
    assert contents(roster.handed_in[0].path) == {"hw.py": b"2", "b.py": b"b"}
    assert roster.remarks == (
        "ada_10_20_hw.py is passed over: it came again.",
        "ada_10_21_hw-1.py is passed over: it came again.",
    )


def test_numbers_of_the_students_own_are_kept(tmp_path: Path) -> None:
    """part-1.py and part-2.py without a part.py are two files, and both are graded."""
    roster = read(lay(tmp_path, {"ada_10_20_part-1.py": b"1", "ada_10_21_part-2.py": b"2"}))
    assert contents(roster.handed_in[0].path) == {"part-1.py": b"1", "part-2.py": b"2"}


def test_what_is_typed_in_or_no_code_is_passed_over(tmp_path: Path) -> None:
    """Texts, links and other files are remarked on; who handed in nothing else is there, with the reason."""
    files = {
        "ada_10_20_hw.py": CODE,
        "ada_10_21_plot.png": b"",
        "ben_11_text.html": b"I could not.",
        "cem_LATE_12_link.html": b"",
        "notes.txt": b"",
    }
    roster = read(lay(tmp_path, files))
    assert told(roster, "student", "late", "problem") == [
        ("10", False, ""),
        ("11", False, "No .py, no .ipynb and no archive of them was handed in."),
        ("12", True, "No .py, no .ipynb and no archive of them was handed in."),
    ]
    assert sorted(roster.remarks) == [
        "ada_10_21_plot.png is passed over: no .py, no .ipynb, no archive.",
        "ben_11_text.html is passed over: typed in, not a file.",
        "cem_LATE_12_link.html is passed over: typed in, not a file.",
        "notes.txt is passed over: Canvas gives no file such a name.",
    ]


def test_an_archive_is_given_as_it_is(tmp_path: Path) -> None:
    """A student's own .zip is the submission; beside code it is passed over."""
    files = {"ada_10_20_hw.zip": b"PK", "ben_11_21_hw.py": CODE, "ben_11_22_data.zip": b"PK"}
    roster = read(lay(tmp_path, files))
    assert [contents(one.path) for one in roster.handed_in] == [{"hw.zip": b"PK"}, {"hw.py": CODE}]
    assert roster.remarks == ("ben_11_22_data.zip is passed over: there is code beside it.",)


def test_the_last_archive_counts(tmp_path: Path) -> None:
    """An earlier one is passed over, and why is true."""
    roster = read(lay(tmp_path, {"ada_10_20_a.zip": b"PK1", "ada_10_21_b.zip": b"PK2"}))
    assert [contents(one.path) for one in roster.handed_in] == [{"b.zip": b"PK2"}]
    assert roster.remarks == ("ada_10_20_a.zip is passed over: another archive came later.",)


def test_two_students_of_one_name_are_two(tmp_path: Path) -> None:
    """The user's id tells them apart."""
    roster = read(lay(tmp_path, {"linwei_10_20_hw.py": b"1", "linwei_11_21_hw.py": b"2"}))
    assert told(roster, "student", "name") == [("10", "linwei"), ("11", "linwei")]
    assert [contents(one.path)["hw.py"] for one in roster.handed_in] == [b"1", b"2"]


def test_a_link_costs_its_student_only(tmp_path: Path) -> None:
    """A link in place of a file is not followed; the others are graded."""
    folder = lay(tmp_path, {"ada_10_20_hw.py": CODE, "secret": b"secret"})
    (folder / "ben_11_21_hw.py").symlink_to(folder / "secret")
    roster = read(folder)
    assert told(roster, "student", "problem") == [
        ("10", ""),
        ("11", "hw.py is a symbolic link, and links are not followed; hand in the file itself."),
    ]
    assert contents(roster.handed_in[1].path) == {}
