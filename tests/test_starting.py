"""What a student begins with: a copy of the starter, or a notebook of handout and starter."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from grader.course import Course, find_course
from grader.errors import UsageError
from grader.starting import write_starter
from grader.submission import read_submission

NAMES = find_course(Path(__file__).resolve().parents[1]).names


@pytest.mark.parametrize("name", NAMES)
def test_copies_the_starter(course: Course, name: str, tmp_path: Path) -> None:
    """The file is the starter, byte for byte."""
    path = write_starter(course, name, notebook=False, output=tmp_path / "mine.py")
    assert path == tmp_path / "mine.py"
    assert path.read_bytes() == (course.root / "exercises" / name / "starter.py").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_makes_a_notebook(course: Course, name: str, tmp_path: Path) -> None:
    """The notebook is valid, opens with the handout, and what it defines is what the exercise asks for."""
    path = write_starter(course, name, notebook=True, output=tmp_path / "mine.ipynb")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    folder = course.root / "exercises" / name
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "markdown"]
    assert notebook.cells[0].source == (folder / "README.md").read_text(encoding="utf-8")
    assert notebook.cells[1].source == (folder / "starter.py").read_text(encoding="utf-8")
    (file,) = read_submission(path).files
    assert file.problem == ""
    assert set(course.entry_points()[name]) <= set(file.defined)


def test_the_notebook_says_how_to_check_itself(course: Course, tmp_path: Path) -> None:
    """The last cell names the file that was written, whatever it is called."""
    path = write_starter(course, "init_hidden", notebook=True, output=tmp_path / "mine.ipynb")
    last = json.loads(path.read_text(encoding="utf-8"))["cells"][-1]["source"]
    text = "".join(last)
    assert text == "Save the notebook, then check it on the command line: `grader check mine.ipynb`"


def test_the_same_notebook_each_time(course: Course, tmp_path: Path) -> None:
    """Two notebooks of the same exercise are the same file: no random identifiers, no date."""
    first = write_starter(course, "init_hidden", notebook=True, output=tmp_path / "a.ipynb").read_bytes()
    second = write_starter(course, "init_hidden", notebook=True, output=tmp_path / "b.ipynb").read_bytes()
    assert first.replace(b"a.ipynb", b"b.ipynb") == second


@pytest.mark.parametrize(("notebook", "name"), [(False, "init_hidden.py"), (True, "init_hidden.ipynb")])
def test_writes_here_by_default(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notebook: bool, name: str
) -> None:
    """Without a name the file is called after the exercise, in the current folder."""
    monkeypatch.chdir(tmp_path)
    assert write_starter(course, "init_hidden", notebook=notebook, output=None) == Path(name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("notebook", [False, True])
def test_never_writes_over_a_file(course: Course, tmp_path: Path, notebook: bool) -> None:
    """A student's work is never overwritten by the starter."""
    path = tmp_path / "mine.py"
    path.write_text("my work", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        write_starter(course, "init_hidden", notebook=notebook, output=path)
    assert str(caught.value) == f"{path} is there already; nothing was written. Say another name with --output."
    assert path.read_text(encoding="utf-8") == "my work"


def test_never_writes_through_a_link(course: Course, tmp_path: Path) -> None:
    """A link that leads nowhere is there already, too: nothing is written where it points."""
    path = tmp_path / "mine.py"
    path.symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(UsageError):
        write_starter(course, "init_hidden", notebook=False, output=path)
    assert not (tmp_path / "elsewhere.py").exists()


def test_a_folder_that_is_not_there(course: Course, tmp_path: Path) -> None:
    """A path that can't be written is the caller's mistake, with the system's reason."""
    path = tmp_path / "nowhere" / "mine.py"
    with pytest.raises(UsageError) as caught:
        write_starter(course, "init_hidden", notebook=False, output=path)
    assert str(caught.value) == f"{path} can't be written: No such file or directory."


@pytest.mark.parametrize(("lacking", "notebook"), [("starter.py", False), ("README.md", True)])
def test_a_course_that_lacks_the_file(course: Course, tmp_path: Path, lacking: str, notebook: bool) -> None:
    """A course without the starter or the handout is the caller's mistake, and nothing is written."""
    shutil.copytree(course.root / "exercises", tmp_path / "exercises")
    (tmp_path / "exercises" / "init_hidden" / lacking).unlink()
    output = tmp_path / "mine"
    with pytest.raises(UsageError) as caught:
        write_starter(find_course(tmp_path), "init_hidden", notebook=notebook, output=output)
    missing = tmp_path.resolve() / "exercises" / "init_hidden" / lacking
    assert str(caught.value) == f"The course lacks {missing}."
    assert not output.exists()
