"""``grader cohort``: a class from a folder to the gradebook, as an instructor types it."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader import cli, ending
from grader.gradebook import Gradebook
from tests.processes import ROOT, descendants, is_running, start, wait_for
from tests.sources import init_hidden

WRONG = init_hidden().replace("weight.new_zeros(", "torch.zeros(")
FEW = ("--max-examples", "5", "--device", "cpu", "--workers", "1")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_folder: Path) -> Path:
    """Each test runs in a folder of its own, with the session's cache, beside what a class handed in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADER_CACHE_DIR", str(cache_folder))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for the processes that grade
    for name in ("GRADER_COURSE", "GRADER_DEBUG", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, text in {"ada": init_hidden(), "bob": WRONG, "cyd": "def init_hidden(:", "eve": "# none"}.items():
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "hw.py").write_text(text, encoding="utf-8")
    (tmp_path / "class" / "dan").mkdir()
    return tmp_path


def cohort(*arguments: str, given: str = "class") -> Result:
    command = ["cohort", given, "--gradebook", "marks.sqlite", *FEW, *arguments, "--course", str(ROOT)]
    return CliRunner().invoke(cli.main, command, prog_name="grader")


def marks() -> dict[str, tuple[int, str]]:
    with Gradebook(Path("marks.sqlite"), readonly=True) as book:
        return {mark.student: (mark.score, mark.message) for mark in book.marks()}


def test_everybody_gets_a_mark_and_a_reason_and_once_is_enough() -> None:
    """A right one, a wrong one, one that is not Python, an empty folder, a file that defines nothing."""
    done = cohort()
    assert done.exit_code == ending.EXIT_FELL_SHORT, done.output
    found = marks()
    assert [name for name, (score, _) in found.items() if score == 10] == ["ada"]
    assert 0 < found["bob"][0] < 10
    assert found["cyd"][0] == found["dan"][0] == found["eve"][0] == 0
    assert "hw.py is not Python" in found["cyd"][1] or "line 1" in found["cyd"][1]
    assert found["dan"][1]
    assert found["eve"][1] == "It does not define `init_hidden`."
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "Graded init_hidden: 5 submissions now, 0 were known.",
        "5 students, 5 marks",
        "  1 of them for what was not handed in",
        "  2 of them for code that could not be run",
    ]
    assert [line.split(":")[0] for line in lines[4:6]] == ["    cyd, init_hidden", "    dan, init_hidden"]
    again = cohort()
    assert again.stdout.splitlines()[0] == "Graded init_hidden: 0 submissions now, 5 were known."
    assert again.stdout.splitlines()[1:] == lines[1:]
    assert marks() == found


def test_all_right_is_exit_code_0() -> None:
    for name in ("bob", "cyd", "dan", "eve"):
        shutil.rmtree(Path("class") / name)
    assert cohort().exit_code == ending.EXIT_PASSED


WRONG_USE = {
    "no such path": (("nowhere",), (), "There is no file or folder nowhere."),
    "dask without a scheduler": (
        ("class",),
        ("--executor", "dask"),
        "--executor dask and --scheduler ADDRESS go together: the scheduler is the cluster's.",
    ),
    "no such exercise": (("class",), ("--exercise", "unrol"), "There is no exercise 'unrol'. Did you mean 'unroll'?"),
}


@pytest.mark.parametrize("name", WRONG_USE)
def test_wrong_use_is_told(name: str) -> None:
    given, arguments, message = WRONG_USE[name]
    done = cohort(*arguments, given=given[0])
    assert done.exit_code == ending.EXIT_USED_WRONGLY
    assert f"grader: {message}" in done.stderr
    assert not Path("marks.sqlite").exists()


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_leaves_what_is_stored_and_no_process(here: Path) -> None:
    """In the middle of it: one line, exit code 130, and the same command goes on."""
    command = ["cohort", "class", "--gradebook", "marks.sqlite", *FEW, "--course", str(ROOT)]
    (here / "class" / "ada" / "hw.py").write_text(init_hidden(before="time.sleep(300)"), encoding="utf-8")
    process = start(*command)
    try:
        assert wait_for(lambda: len(descendants(process.pid)) >= 4)  # a worker is there
        running = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert told.splitlines()[-1] == (
        "grader: interrupted; what was graded is in marks.sqlite. Go on with the same command."
    )
    assert wait_for(lambda: not any(is_running(pid) for pid in running))
    (here / "class" / "ada" / "hw.py").write_text(init_hidden(), encoding="utf-8")
    assert cohort().exit_code == ending.EXIT_FELL_SHORT
    assert marks()["ada"] == (10, "")
