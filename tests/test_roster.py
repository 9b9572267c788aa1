"""Who handed in what: kinds that are recognised, archives of cohorts, and what is refused."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.intake import archives
from grader.submission import read_submission
from tests.platforms.laying import CODE, contents, lay, read, told


def test_a_kind_can_be_forced(tmp_path: Path) -> None:
    """What looks like Canvas is read as a plain folder when that is said, and the kind is told."""
    path = lay(tmp_path, {"ada_10_20_hw.py": CODE})
    roster = read(path, kind="folder")
    assert (roster.kind, told(roster, "student")) == ("folder", [("ada_10_20_hw",)])


def test_what_is_read_can_be_graded(tmp_path: Path) -> None:
    """What a roster gives as a path is what ``read_submission`` takes, for each way to lay it out."""
    files = {
        "assignment_1_export/submission_1/src/hw.py": CODE,
        "assignment_1_export/submission_2/hw.zip": b"PK",
        "assignment_1_export/submission_metadata.yml": b"submission_1: {}\nsubmission_2: {}\n",
    }
    roster = read(lay(tmp_path, files, packed=True))
    good, bad = (read_submission(one.path) for one in roster.handed_in)
    assert [file.defined for file in good.files] == [{"init_hidden": "hw.py, line 1"}]
    assert [file.problem for file in bad.files] == [
        "hw.zip can't be unpacked: it is damaged, cut short, or no archive of that kind. Pack it again."
    ]


WRONG_USE = {
    "not there": ("gone", "There is no file or folder {path}."),
    "a submission": (
        "hw.py",
        "{path} is no cohort: expected a folder, a .zip as a learning platform gives it, or a .csv. "
        "One submission is graded by: grader grade",
    ),
    "a tar": (
        "all.tar.gz",
        "{path} is no cohort: expected a folder, a .zip as a learning platform gives it, or a .csv. Unpack it first.",
    ),
    "empty": ("empty", "{path} holds no submission (read as folder)."),
    "nothing like it": (
        "texts",
        "{path} holds no submission (read as folder). a.txt is passed over: no .py, no .ipynb, no archive.",
    ),
    "no zip": ("no.zip", "no.zip can't be unpacked: it is damaged, cut short, or no .zip."),
}


@pytest.mark.parametrize(("name", "message"), WRONG_USE.values(), ids=WRONG_USE)
def test_says_what_was_expected(tmp_path: Path, name: str, message: str) -> None:
    """A path that is no cohort is refused with what would be one."""
    for file in ("hw.py", "all.tar.gz", "no.zip"):
        (tmp_path / file).write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").touch()
    with pytest.raises(UsageError) as caught:
        read(tmp_path / name)
    assert str(caught.value) == message.format(path=tmp_path / name)


def packed(folder: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    """A .zip of entries that are described in full."""
    path = folder / "given.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries:
            archive.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED)
    return path


def of_mode(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (mode | 0o644) << 16
    info.create_system = 3
    return info


GOOD = ("submission_1/hw.py", CODE)
HOSTILE = {
    "leads out": ("submission_2/../../evil.py", "a name in it leads out of its folder: submission_2/../../evil.py"),
    "a root": ("/submission_2/hw.py", "a name in it leads out of its folder: /submission_2/hw.py"),
    "a drive": ("C:/submission_2/hw.py", "a name in it leads out of its folder: C:/submission_2/hw.py"),
    "a link": (of_mode("submission_2/hw.py", stat.S_IFLNK), "submission_2/hw.py in it is a symbolic link."),
    "a FIFO": (of_mode("submission_2/hw.py", stat.S_IFIFO), "submission_2/hw.py in it is a FIFO."),
    "deep": (
        "submission_2/" + "a/" * 20 + "hw.py",
        f"a name in it is too long, or lies too deep: submission_2/{'a/' * 20}hw.py",
    ),
    "twice": (
        "submission_1/HW.py",
        "it holds submission_1/hw.py and submission_1/HW.py, which are one name to many systems.",
    ),
}


@pytest.mark.parametrize(("entry", "why"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_member_costs_no_other_student(tmp_path: Path, entry: str | zipfile.ZipInfo, why: str) -> None:
    """A member that is not unpacked is told, nothing of it is written anywhere, and the others are there."""
    roster = read(packed(tmp_path, ("submission_3/hw.py", CODE), GOOD, (entry, b"evil")))
    assert f"Not unpacked: {why}" in roster.remarks
    written = contents(tmp_path / "spare")
    assert set(written.values()) == {CODE}
    assert {"unpacked/submission_1/hw.py", "unpacked/submission_3/hw.py"} == written.keys()
    assert {each.name for each in tmp_path.iterdir()} == {"given.zip", "spare"}
    assert ("submission_3", "") in told(roster, "student", "problem")


def test_who_loses_code_is_told_why(tmp_path: Path) -> None:
    """What was refused is the submission's problem where it could be code, and a remark where it could not."""
    roster = read(
        packed(
            tmp_path,
            (of_mode("ada/hw.py", stat.S_IFLNK), b"/etc/passwd"),
            ("ben/hw.py", CODE),
            (of_mode("ben/data.bin", stat.S_IFLNK), b"/etc/passwd"),
            (of_mode("cem.py", stat.S_IFLNK), b"/etc/passwd"),
        )
    )
    assert told(roster, "student", "problem") == [
        ("ada", "A part of it could not be unpacked: ada/hw.py in it is a symbolic link."),
        ("ben", ""),
        ("cem", "It could not be unpacked: cem.py in it is a symbolic link."),
    ]


@pytest.mark.parametrize("name", ["ada_10_20_hw.py", "Ada L_10_assignsubmission_file_hw.py"])
def test_flat_exports_tell_whose_file_was_refused(tmp_path: Path, name: str) -> None:
    """Where names alone say whose a file is, they say it of one that was not unpacked, too."""
    other = name.replace("10", "11")
    roster = read(packed(tmp_path, (of_mode(name, stat.S_IFLNK), b"x"), (other, CODE)))
    assert sorted(told(roster, "student", "problem")) == [
        ("10", f"A file of it could not be unpacked: {name} in it is a symbolic link."),
        ("11", ""),
    ]


def test_damage_costs_the_member(tmp_path: Path) -> None:
    """A member whose bytes are damaged is that student's problem; nothing half is left of it."""
    path = packed(tmp_path, ("ada.py", b"x = 1\n" * 1_000), ("ben.py", CODE))
    raw = bytearray(path.read_bytes())
    raw[45] ^= 0xFF
    path.write_bytes(raw)
    roster = read(path)
    assert told(roster, "student", "problem") == [("ben", ""), ("ada", "It could not be unpacked: it is damaged.")]
    assert contents(tmp_path / "spare") == {"unpacked/ben.py": CODE}


def test_a_lie_about_a_size_is_damage(tmp_path: Path) -> None:
    """A member that says that it is smaller than it is, is not unpacked."""
    path = packed(tmp_path, ("ada.py", b"x = 1\n" * 1_000), ("ben.py", CODE))
    raw = path.read_bytes().replace(struct.pack("<L", 6_000), struct.pack("<L", 60))
    path.write_bytes(raw)
    assert told(read(path), "student", "problem")[1] == ("ada", "It could not be unpacked: it is damaged.")


BOUNDS = {
    "member": ("MAX_COHORT_MEMBER", 1_000, None),
    "bytes": ("MAX_COHORT_BYTES", 1_000, "given.zip is not unpacked: the code in it has more than 1,000 bytes."),
    "entries": ("MAX_COHORT_ENTRIES", 1, "given.zip is not unpacked: it holds more than 1 files and folders."),
}


@pytest.mark.parametrize(("bound", "value", "message"), BOUNDS.values(), ids=BOUNDS)
def test_bounds_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, value: int, message: str | None
) -> None:
    """A file that is too large is its student's problem; too much of all is an end."""
    monkeypatch.setattr(archives, bound, value)
    monkeypatch.setattr(  # in this process, where the bound is another one
        archives, "run_apart", lambda name, *texts, patience: archives.extract_cohort(*texts, lambda what: None)
    )
    path = packed(tmp_path, ("ada.py", b"\0" * 1_001), ("ben.py", CODE))
    if message is None:
        problem = "It could not be unpacked: it has more than 1,000 bytes."
        assert told(read(path), "student", "problem") == [("ben", ""), ("ada", problem)]
        return
    with pytest.raises(UsageError) as caught:
        read(path)
    assert str(caught.value) == message


def test_only_names_are_kept_of_what_is_no_code(tmp_path: Path) -> None:
    """Data beside the code takes no room; it is there by name."""
    roster = read(packed(tmp_path, ("ada/hw.py", CODE), ("ada/data.bin", b"\0" * 100_000), ("ben.py", CODE)))
    assert contents(roster.handed_in[0].path) == {"hw.py": CODE, "data.bin": b""}


def test_names_that_can_not_be_written_are_others(tmp_path: Path) -> None:
    """Control characters, joiners and names of any length cost nobody the submission, and stay in the name."""
    long = "я" * 120
    roster = read(
        packed(
            tmp_path,
            ("Ava\x1b\u200dX_1_assignsubmission_file_/hw.py", CODE),
            (f"Bo_2_assignsubmission_file_/{long}.py", CODE),
            (f"{long}_3_assignsubmission_file_/hw.py", CODE),
        )
    )
    assert told(roster, "student", "name", "problem") == [
        ("1", "Ava\\x1b\u200dX", ""),
        ("2", "Bo", ""),
        ("3", long, ""),
    ]
    assert [file for one in roster.handed_in for file in contents(one.path).values()] == [CODE] * 3


def test_names_in_utf_8_that_do_not_say_so(tmp_path: Path) -> None:
    """Programs that write UTF-8 without the mark for it are understood."""
    path = packed(tmp_path, ("Zoë.py", CODE))
    raw = path.read_bytes()
    assert raw.count(struct.pack("<HH", 20, 0x800)) == 2
    path.write_bytes(raw.replace(struct.pack("<HH", 20, 0x800), struct.pack("<HH", 20, 0)))
    assert told(read(path), "student") == [("Zoë",)]


def test_a_cohort_of_hundreds_is_read(tmp_path: Path) -> None:
    """Eight hundred students, each in a folder, are all there."""
    files = {f"assignment_1_export/submission_{n}/hw.py": CODE for n in range(800)}
    files["assignment_1_export/submission_metadata.yml"] = "".join(
        f"submission_{n}:\n  :submitters:\n  - :sid: '{n}'\n" for n in range(800)
    ).encode()
    roster = read(lay(tmp_path, files, packed=True))
    assert [one.student for one in roster.handed_in] == [str(n) for n in range(800)]
