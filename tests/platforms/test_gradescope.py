"""Exports of Gradescope: the metadata that Ruby writes, and what is done without them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.platforms import gradescope
from tests.platforms.laying import CODE, contents, lay, read, told

METADATA = """\
---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '00123'
    :email: ada@example.edu
  :created_at: 2026-04-26 17:34:00.861687000 Z
  :score: 2.0
  :status: !ruby/symbol processed
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: &1
    - name: "- not: a \\e[31mproblem"
      output: |-
        submission_999:
          :submitters: []
    leaderboard: *1
  :history:
  - :id: 99
    :created_at: 2026-04-25 09:00:00.000000000 Z
    :results: {tests: []}
submission_102:
  :submitters:
  - &2
    :name: "Lin \\u2764 Wei"
    :sid: 0777
    :email: lin@example.edu
  - :name: Ben
    :sid:
    :email: ben@example.edu
  :created_at: 2026-04-27 23:59:59.5 +02:00
  :history: []
submission_103:
  :submitters:
  - *2
  :created_at: 2026-04-28 08:00:00 Z
submission_104:
  :submitters: []
"""
FILES = {
    "assignment_9_export/submission_metadata.yml": METADATA.encode(),
    "assignment_9_export/submission_101/hw.py": CODE,
    "assignment_9_export/submission_102/src/hw.py": CODE,
    "assignment_9_export/submission_103/hw.py": CODE,
    "assignment_9_export/submission_104": None,
    "assignment_9_export/submission_105/hw.py": CODE,
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_reads_the_metadata(tmp_path: Path, packed: bool) -> None:
    """Students' numbers stay texts, a group gives one entry a student, earlier submissions count as attempts."""
    roster = read(lay(tmp_path, FILES, packed=packed))
    assert roster.kind == "gradescope"
    assert told(roster, "student", "name", "email", "attempt", "problem") == [
        ("00123", "Ada Lovelace", "ada@example.edu", 2, ""),
        ("0777", "Lin ❤ Wei", "lin@example.edu", 1, ""),
        ("0777", "Lin ❤ Wei", "lin@example.edu", 2, ""),
        ("ben@example.edu", "Ben", "ben@example.edu", 1, ""),
        ("submission_104", "", "", 1, "Nothing was handed in."),
        ("submission_105", "", "", 1, ""),
    ]
    assert [one.handed_in for one in roster.handed_in[:3]] == [
        datetime(2026, 4, 26, 17, 34, 0, 861687, tzinfo=UTC),
        datetime(2026, 4, 27, 21, 59, 59, 500000, tzinfo=UTC),
        datetime(2026, 4, 28, 8, tzinfo=UTC),
    ]
    assert contents(roster.handed_in[1].path) == contents(roster.handed_in[3].path) == {"hw.py": CODE}
    assert roster.handed_in[0].shown == "assignment_9_export/submission_101"
    assert roster.remarks == (
        "submission_metadata.yml names no student for submission_104; this is the student's id then.",
        "submission_metadata.yml does not name assignment_9_export/submission_105; this is the student's id then.",
    )


THEN = "The names of the folders are the students' ids then."
BROKEN = {
    "missing": (None, f"There is no submission_metadata.yml. {THEN}"),
    "no YAML": (b"a: [1\nb: }", f"submission_metadata.yml is broken (line 2). {THEN}"),
    "no text": (b"\xff\xfe\xff", f"submission_metadata.yml is broken. {THEN}"),
    "empty": (b"", f"submission_metadata.yml names no submission. {THEN}"),
    "a list": (b"- submission_1", f"submission_metadata.yml names no submission. {THEN}"),
    "too large": (b"#" * 2_000, f"submission_metadata.yml has more than 1,000 bytes; no more are read. {THEN}"),
}


@pytest.mark.parametrize(("raw", "remark"), BROKEN.values(), ids=BROKEN)
def test_without_metadata_folders_name_the_students(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes | None, remark: str
) -> None:
    """Metadata that are missing, broken or too large are told, and everybody is graded."""
    monkeypatch.setattr(gradescope, "_MAX_BYTES", 1_000)
    files: dict[str, bytes | None] = {"submission_1/hw.py": CODE, "submission_2/hw.py": CODE}
    if raw is not None:
        files["submission_metadata.yml"] = raw
    roster = read(lay(tmp_path, files))
    assert told(roster, "student", "problem") == [("submission_1", ""), ("submission_2", "")]
    assert roster.remarks == (remark,)


STRANGE = {
    "deep": "submission_1:\n  :submitters: " + "[" * 500 + "]" * 500,
    "an alias of itself": "submission_1: &1\n  :submitters: *1\n",
    "a mapping as a key": "{a: b}: c\nsubmission_1:\n  ? {x: y}\n  : z\n",
    "an object": "submission_1: !!python/object/apply:os.system ['false']\n",
    "a path": "/etc:\n  :submitters: []\n../..:\n  :submitters: []\nsubmission_1: {}\n",
    "many aliases": "a: &a [1]\n" + "".join(f"x{n}: &x{n} [*a, *a]\n" for n in range(2_000)) + "submission_1: {}\n",
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_strange_metadata_do_no_harm(tmp_path: Path, text: str) -> None:
    """Metadata that no Gradescope writes make no object and no trouble; the folder is there."""
    roster = read(lay(tmp_path, {"submission_1/hw.py": CODE, "submission_metadata.yml": text.encode()}))
    assert ("submission_1", "") in told(roster, "student", "problem")


def test_what_students_wrote_is_plain(tmp_path: Path) -> None:
    """Names can't turn the direction of writing or command a terminal, and keep what belongs to them."""
    text = """\
submission_1:
  :submitters:
  - {":name": "\\e]0;x\\a\\u202Eada \\u06A9\\u200C\\u0647", ":sid": "1\\u202E2"}
"""
    roster = read(lay(tmp_path, {"submission_1/hw.py": CODE, "submission_metadata.yml": text.encode()}))
    assert told(roster, "student", "name") == [("1\\u202e2", "\\x1b]0;x\\x07\\u202eada ک\u200cه")]
