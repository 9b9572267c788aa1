"""What a student begins with: the starter as a file, or handout and starter as a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.course import Course, read_text
from grader.errors import UsageError

_CHECK = "Save the notebook, then check it on the command line: `grader check {name}`"


def write_starter(course: Course, exercise: str, *, notebook: bool, output: Path | None) -> Path:
    """Writes the starter and returns where.

    Raises:
        UsageError: there is something at that path already, or it can't be written.
    """
    folder = course.root / "exercises" / exercise
    path = output or Path(f"{exercise}.ipynb" if notebook else f"{exercise}.py")
    try:
        there = path.exists() or path.is_symlink()
    except OSError as error:
        raise UsageError(f"{str(path)[:80]} can't be written: {error.strerror}.") from error
    if there:
        raise UsageError(f"{path} is there already; nothing was written. Say another name with --output.")
    text = read_text(folder / "starter.py")
    if notebook:
        text = notebook_of(read_text(folder / "README.md"), text, path.name)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.") from error
    return path


def notebook_of(handout: str, starter: str, name: str) -> str:
    """A notebook that opens with the handout and has the starter to fill in; ``name`` is the file's."""
    import nbformat
    import nbformat.v4

    v4: Any = nbformat.v4
    new_code_cell, new_markdown_cell = v4.new_code_cell, v4.new_markdown_cell
    cells = [
        new_markdown_cell(handout, id="handout"),
        new_code_cell(starter, id="starter"),
        new_markdown_cell(_CHECK.format(name=name), id="check"),
    ]
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.validate(notebook)
    return str(v4.writes(notebook)) + "\n"
