"""Exports of Moodle: whose each folder or file is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.platforms.laying import CODE, contents, lay, read, told

PACKED = pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])


@PACKED
def test_reads_a_folder_for_each_participant(tmp_path: Path, packed: bool) -> None:
    """The number of the participant is the id; names keep their spaces and accents; online texts are passed over."""
    files = {
        "José Núñez_5521_assignsubmission_file_/hw.py": CODE,
        "José Núñez_5521_assignsubmission_file_/data/notes.txt": b"",
        "José Núñez_5521_assignsubmission_onlinetext_/onlinetext.html": b"",
        "Lin Wei_5522_assignsubmission_file/deeper/hw.ipynb": b"{}",
        "Lin Wei_5523_assignsubmission_onlinetext_/onlinetext.html": b"",
        "Participant_5524_assignsubmission_file_": None,
    }
    roster = read(lay(tmp_path, files, packed=packed))
    assert roster.kind == "moodle"
    assert told(roster, "student", "name", "late", "problem") == [
        ("5521", "José Núñez", None, ""),
        ("5522", "Lin Wei", None, ""),
        ("5523", "Lin Wei", None, "Nothing was handed in."),
        ("5524", "Participant", None, "Nothing was handed in."),
    ]
    assert contents(roster.handed_in[0].path)["hw.py"] == CODE
    assert contents(roster.handed_in[1].path) == {"hw.ipynb": b"{}"}
    assert roster.remarks == (
        "José Núñez_5521_assignsubmission_onlinetext_ is passed over: onlinetext, not a file.",
        "Lin Wei_5523_assignsubmission_onlinetext_ is passed over: onlinetext, not a file.",
    )


@PACKED
def test_reads_files_side_by_side(tmp_path: Path, packed: bool) -> None:
    """Without folders the files of a participant are put together, under the names that they had."""
    files = {
        "Ada Lovelace_7_assignsubmission_file_hw_1.py": CODE,
        "Ada Lovelace_7_assignsubmission_file_helper.py": b"x = 1\n",
        "Ada Lovelace_7_assignsubmission_file_plot.png": b"",
        "Ben O'Hara_8_assignsubmission_file_hw.zip": b"PK",
        "Default group_assignsubmission_file_hw.py": CODE,
    }
    roster = read(lay(tmp_path, files, packed=packed))
    assert told(roster, "student", "name", "problem") == [
        ("7", "Ada Lovelace", ""),
        ("8", "Ben O'Hara", ""),
        ("Default group", "Default group", ""),
    ]
    assert [contents(one.path) for one in roster.handed_in] == [
        {"hw_1.py": CODE, "helper.py": b"x = 1\n"},
        {"hw.zip": b"PK"},
        {"hw.py": CODE},
    ]
    assert roster.remarks == (
        "Ada Lovelace_7_assignsubmission_file_plot.png is passed over: no .py, no .ipynb, no archive.",
    )
