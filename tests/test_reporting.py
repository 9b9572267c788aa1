"""Several reports of one run: asked for, checked before anything is graded, and written whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from grader import cli
from grader.reporters import FORMATS
from tests.conftest import ROOT

CLASSROOM50 = {
    "CLASSROOM": "c",
    "ASSIGNMENT": "a",
    "SUBMISSION_TAG": "submit/1",
    "COMMIT_URL": "u",
    "RELEASE_URL": "r",
}
LISTED = "terminal, json, junit, markdown, github, gradescope, classroom50, classroom"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two submissions that need no worker to be graded, and nothing of Classroom 50 around it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADER_COURSE", str(ROOT))
    monkeypatch.setenv("GRADER_CACHE_DIR", str(tmp_path / "cache"))
    for name in (*CLASSROOM50, "OWNER", "USERNAME", "REVIEW_URL", "GRADER_VISIBILITY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for name in ("hw.py", "other.py"):
        Path(name).write_text("def init_hidden(:\n", encoding="utf-8")
    return tmp_path / "work"


def run(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(cli.main, arguments, prog_name="grader", env=environ)


def refused(monkeypatch: pytest.MonkeyPatch, *arguments: str, **environ: str) -> str:
    """The message of a use that is refused before anything is read or graded."""

    def never(*_: Any, **__: Any) -> None:
        pytest.fail("something was graded")

    monkeypatch.setattr("grader.submission.read_submission", never)
    result = run(*arguments, **environ)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sorted(path.name for path in Path().iterdir()) == ["hw.py", "other.py"]
    return result.stderr


WRONG_USE = {
    "no such format": (
        ("--report", "xml=a.xml"),
        f"--report xml=a.xml: expected FORMAT=FILE, such as junit=report.xml; the formats are {LISTED}.",
    ),
    "no file": (
        ("--report", "junit"),
        f"--report junit: expected FORMAT=FILE, such as junit=report.xml; the formats are {LISTED}.",
    ),
    "standard output": (
        ("--report", "junit=-"),
        "--report junit=-: expected a file; for standard output say --format junit.",
    ),
    "no folder": (
        ("--report", "junit=gone/a.xml"),
        "gone/a.xml can't be written: there is no folder {here}/gone.",
    ),
    "a folder": (("--report", "junit=."), ". can't be written: it is a folder."),
    "a file twice": (
        ("--report", "junit=a.xml", "--report", "json=./a.xml"),
        "a.xml is asked for twice; say another file for one of the reports.",
    ),
    "a file twice, by --output": (
        ("--report", "json=a.json", "--output", "a.json"),
        "a.json is asked for twice; say another file for one of the reports.",
    ),
    "what is to be graded": (
        ("--report", "json=./hw.py"),
        "hw.py is what is to be graded; say another file for the report.",
    ),
    "what is to be graded, by --output": (
        ("--output", "hw.py"),
        "hw.py is what is to be graded; say another file for the report.",
    ),
    "Classroom 50 without its environment": (
        ("--report", "classroom50=result.json"),
        "The format classroom50 needs CLASSROOM in the environment, got ''. Classroom 50 sets it.",
    ),
}


@pytest.mark.parametrize("command", ["grade", "check"])
@pytest.mark.parametrize(("arguments", "message"), WRONG_USE.values(), ids=WRONG_USE)
def test_what_can_not_be_written_is_said_first(
    here: Path, monkeypatch: pytest.MonkeyPatch, command: str, arguments: tuple[str, ...], message: str
) -> None:
    """A report that can't be had is exit code 2 and one line, before anything is graded or written."""
    assert refused(monkeypatch, command, "hw.py", *arguments) == f"grader: {message.format(here=here)}\n"


@pytest.mark.parametrize("file", ["class/hw.py", "class/ada/hw.py", "class/ada/HW.ipynb"])
def test_no_report_takes_the_place_of_code_in_a_folder(here: Path, file: str) -> None:
    """Nor in a folder in it, where code may lie, too; any other file may be there."""
    (here / "class" / "ada").mkdir(parents=True)
    result = run("grade", "class", "--report", f"json={file}")
    said = f"grader: {file} is what is to be graded; say another file for the report.\n"
    assert (result.exit_code, result.stderr) == (2, said)
    result = run("grade", "class", "--report", "json=class/report.json")
    assert result.stderr.startswith("grader: class holds nothing to grade")


@pytest.mark.parametrize("name", ["gradescope", "classroom50", "classroom"])
@pytest.mark.parametrize("how", ["--format {}", "--report {}=a.json"])
def test_formats_of_one_submission(monkeypatch: pytest.MonkeyPatch, name: str, how: str) -> None:
    """Formats that know one submission refuse two, instead of leaving one out."""
    said = refused(monkeypatch, "grade", "hw.py", "other.py", *how.format(name).split(), **CLASSROOM50)
    assert said == (
        f"grader: The format {name} is for one submission, and there are 2; grade them one by one, "
        "or say another format.\n"
    )


def test_values_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tag that Classroom 50 would not take, and tests that would hide the total, are said first, too."""
    said = refused(monkeypatch, "grade", "hw.py", "--format", "classroom50", **CLASSROOM50 | {"SUBMISSION_TAG": "v1"})
    assert said == (
        "grader: The format classroom50 needs SUBMISSION_TAG in the environment that begins with submit/, got 'v1'. "
        "Classroom 50 sets it.\n"
    )
    said = refused(monkeypatch, "grade", "hw.py", "--format", "gradescope", GRADER_VISIBILITY="hidden")
    assert said == (
        "grader: GRADER_VISIBILITY must be one of visible, after_due_date, after_published, got 'hidden'.\n"
    )


def test_every_format_in_one_run(here: Path) -> None:
    """One run writes all formats, each to its file, and the terminal's to standard output; all say 0 and why."""
    wanted = [f"--report={name}={name}.out" for name in FORMATS]
    result = run("grade", "hw.py", *wanted, **CLASSROOM50)
    said = [line for line in result.stderr.splitlines() if line.startswith("Wrote ")]
    assert (result.exit_code, said) == (1, [f"Wrote {name}.out." for name in FORMATS])
    assert sorted(path.name for path in here.iterdir()) == sorted(["hw.py", "other.py", *(f"{n}.out" for n in FORMATS)])
    texts = {name: Path(f"{name}.out").read_text(encoding="utf-8") for name in FORMATS}
    assert texts["terminal"] == result.stdout
    why = "hw.py, line 1 is not Python (invalid syntax): def init_hidden(:"
    for name, text in texts.items():
        assert name == "classroom" or why in text, name
    assert json.loads(texts["json"])["submissions"][0]["exercises"][0]["path"] == "hw.py"
    assert int(ElementTree.fromstring(texts["junit"]).attrib["errors"]) == 7
    assert texts["github"] == (
        "::error file=hw.py,line=1,title=init_hidden%3A zeros of the right shape and 6 more::"
        f"{why}\n0 of 10 points: hw.py\n"
    )
    assert [json.loads(texts[name])["score"] for name in ("json", "gradescope", "classroom50")] == [0, 0, 0]


def test_a_report_that_can_not_be_written(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is full, nothing half-written is left, and the exit code is the grader's."""

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    result = run("grade", "hw.py", "--report", "junit=a.xml")
    monkeypatch.undo()
    assert (result.exit_code, result.stdout) == (3, "")
    assert "grader: a.xml could not be written: No space left on device.\n" in result.stderr
    assert sorted(path.name for path in here.iterdir()) == ["hw.py", "other.py"]


def test_the_place_of_a_function(here: Path) -> None:
    """A report says where what was graded is defined: file and line, in a folder and in a notebook too."""
    from grader.submission import read_submission
    from tests.sources import notebook

    folder = here / "hand in"
    folder.mkdir()
    (folder / "main.py").write_text("from cells import unroll\n\n\ndef init_hidden(): ...\n", encoding="utf-8")
    (folder / "cells.py").write_text("\n\ndef unroll(): ...\n", encoding="utf-8")
    (folder / "book.ipynb").write_text(notebook("1", "def run_batch(): ..."), encoding="utf-8")
    submission = read_submission(folder)
    assert submission.place("init_hidden", ("init_hidden",)) == (f"{folder}/main.py", 4)
    assert submission.place("unroll", ("unroll",)) == (f"{folder}/cells.py", 3)
    assert submission.place("run_batch", ("run_batch",)) == (f"{folder}/book.ipynb", None)
    assert submission.place("generate", ("generate",)) == ("", None)
