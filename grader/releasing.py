"""What students get: handouts, starters as files and as notebooks, and the self-check; nothing of ``solutions/``."""

from __future__ import annotations

import re
import shutil
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path

from grader.course import GIVEN_FILES, Course, read_text
from grader.errors import UsageError
from grader.starting import notebook_of

_PACKAGE = Path(__file__).resolve().parent
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "course_files")

_README = """# {title}

Each folder holds one exercise: the handout (`README.md`) and a starter to fill in, as a Python file and as a notebook.
They build on each other; begin with the first.

| exercise | level | points | |
|---|---|---|---|
{table}

## Set up, once

```
python -m venv .venv
.venv/bin/pip install -r requirements.txt
```

Python 3.11 or later. On Windows: `.venv\\Scripts\\pip`.

## Check yourself, as often as you like

```
.venv/bin/python -m grader check {first}.py
```

It takes a `.py`, a notebook, or a folder of them, runs your code on many small cases, and shows the smallest that
breaks it. What only your teacher's run can tell is named as not checked.
"""


def write_release(course: Course, folder: Path) -> list[Path]:
    """Builds the release and returns its files; the folder appears whole or not at all.

    Raises:
        UsageError: something is at that path already, or it can't be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already and not empty; nothing was written.")
    if folder.resolve() == Path.cwd():
        raise UsageError(f"{folder} is the folder that you are in; expected the name of a new one in it.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".release-") as temporary:
            built = Path(temporary) / folder.name
            _build(course, built)
            if folder.exists():
                folder.rmdir()
            built.rename(folder)
    except OSError as error:
        raise UsageError(f"{folder} can't be written: {error.strerror}.") from error
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _build(course: Course, built: Path) -> None:
    source = course.root / "exercises"
    rows = []
    first = ""
    for number, name in enumerate(course.names, start=1):
        own = built / f"{number:02}_{name}"
        checked = built / "exercises" / name
        own.mkdir(parents=True)
        checked.mkdir(parents=True)
        given = {file: read_text(source / name / file) for file in GIVEN_FILES}
        for file, text in given.items():
            (checked / file).write_text(text, encoding="utf-8")
        handout, starter = given["README.md"], given["starter.py"]
        (own / "README.md").write_text(handout, encoding="utf-8")
        (own / f"{name}.py").write_text(starter, encoding="utf-8")
        (own / f"{name}.ipynb").write_text(notebook_of(handout, starter, f"{name}.ipynb"), encoding="utf-8")
        declared = course.exercise(name).declared
        rows.append(f"| [{name}]({own.name}/README.md) | {declared.level} | {course.points[name]} | {declared.title} |")
        first = first or f"{own.name}/{name}"
    (built / "exercises" / "course.toml").write_text(read_text(source / "course.toml"), encoding="utf-8")
    if (source / "README.md").is_file():  # says what builds on what
        shutil.copy(source / "README.md", built / "exercises")
    text = _README.format(title=course.title, table="\n".join(rows), first=first)
    (built / "README.md").write_text(text, encoding="utf-8")
    (built / "requirements.txt").write_text("\n".join(requirements()) + "\n", encoding="utf-8")
    shutil.copytree(_PACKAGE, built / "grader", ignore=_LEFT_OUT)


def requirements() -> list[str]:
    """What the grader itself needs, without what only its developers do."""
    project = _PACKAGE.parent / "pyproject.toml"  # where it was not installed
    if project.is_file():
        return list(tomllib.loads(read_text(project))["project"]["dependencies"])
    return [requirement for requirement in metadata.requires("grader") or [] if not re.search(r";.*extra", requirement)]
