"""What students get: complete, checked as it lies there, and without anything that holds an answer."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from grader.course import find_course
from grader.errors import UsageError
from grader.releasing import write_release

ROOT = Path(__file__).resolve().parents[1]
COURSE = find_course(ROOT)


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """The course's release."""
    folder = tmp_path_factory.mktemp("given") / "course"
    write_release(COURSE, folder)
    return folder


def check(release, *arguments):
    """``grader check`` as a student runs it there."""
    command = [sys.executable, "-m", "grader", "check", *arguments]
    return subprocess.run(command, cwd=release, capture_output=True, text=True, timeout=300)


def working_lines(source):
    """Lines of a source that do work, as ``ast`` writes them: long enough not to stand in any code by chance."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Return | ast.Expr) and not (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ):
            line = ast.unparse(node)
            if len(line) > 30 and "\n" not in line and not line.startswith("State = "):  # a type that starters share
                yield line


def test_every_exercise_is_there(release):
    """A folder for each exercise in the order of the course, with handout, starter and notebook."""
    folders = sorted(path for path in release.iterdir() if re.match(r"\d\d_", path.name))
    assert [path.name[3:] for path in folders] == list(COURSE.names)
    for path in folders:
        assert {each.name for each in path.iterdir()} == {"README.md", f"{path.name[3:]}.py", f"{path.name[3:]}.ipynb"}


def test_notebooks_are_notebooks(release):
    """Each opens with the handout and passes nbformat's own check."""
    for path in release.glob("*/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.cells[0].source.startswith(f"# {path.stem}: ")


def test_no_answer_is_in_it(release):
    """No file of solutions/ is there; no working line of a solution stands in anything given for its exercise, and of
    what is given for others, no file holds two of them: a model has the same line in many places."""
    names = {path.name for path in release.rglob("*")}
    assert not names & {"solutions", "solution.py", "misconceptions.py", "mutants.toml"}
    given = {path: path.read_text(encoding="utf-8") for path in release.rglob("*") if path.suffix in (".md", ".ipynb")}
    given |= {path: ast.unparse(ast.parse(path.read_text(encoding="utf-8"))) for path in release.rglob("*.py")}
    for name in COURSE.names:
        answer = set(working_lines((ROOT / "solutions" / name / "solution.py").read_text(encoding="utf-8")))
        assert answer
        for path, text in given.items():
            found = [line for line in answer if line in text]
            assert len(found) < (1 if name in str(path.relative_to(release)) else 2), f"{path}: {found}"


def test_the_self_check_runs_there(release, tmp_path):
    """A right solution passes what can be checked without a reference; the starter does not."""
    right = tmp_path / "init_hidden.py"
    right.write_text((ROOT / "solutions" / "init_hidden" / "solution.py").read_text(encoding="utf-8"))
    done = check(release, str(right))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Not checked: this needs the reference solution" in done.stdout
    done = check(release, str(next(release.glob("*/init_hidden.ipynb"))))
    assert done.returncode == 1
    assert "NotImplementedError" in done.stdout


def test_what_it_needs_is_written_there(release):
    """requirements.txt names what the grader needs, and no tool of its developers."""
    lines = (release / "requirements.txt").read_text().splitlines()
    assert {re.match(r"[a-z]+", line)[0] for line in lines} >= {"torch", "hypothesis", "click"}
    assert not [line for line in lines if "pytest" in line or "cosmic" in line]


def test_nothing_is_overwritten(release):
    """A folder that holds something is left as it is."""
    with pytest.raises(UsageError, match="is there already and not empty; nothing was written"):
        write_release(COURSE, release)


def test_a_place_that_cannot_be_written(tmp_path):
    """A file where a folder should be is named; nothing is left half made."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="can't be written"):
        write_release(COURSE, tmp_path / "file" / "course")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_current_folder_is_none_to_build(tmp_path, monkeypatch):
    """It can't be replaced while somebody is in it."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="is the folder that you are in; expected the name of a new one in it"):
        write_release(find_course(ROOT), Path())
    assert list(tmp_path.iterdir()) == []
