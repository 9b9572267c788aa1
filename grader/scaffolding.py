"""The beginnings of an exercise for its author: small, sound as it is, and to be changed file by file."""

from __future__ import annotations

import keyword
import re
import tomllib
from pathlib import Path

from grader.course import GIVEN_FILES, find_course, read_text
from grader.errors import UsageError
from grader.storing import write_whole

_TEMPLATES = Path(__file__).parent / "scaffold"
_COURSE = """title = "A course of my own"
seed = 1
max_examples = 50
pass_mark = 0.6
"""
_ENTRY = """
[[exercise]]
name = "{name}"
points = 10
"""
_PLACES = {
    "exercises": GIVEN_FILES,
    "solutions": ("solution.py", "misconceptions.py"),
}


def write_exercise(root: Path, name: str) -> list[Path]:
    """Writes the files of a new exercise and names it in the course, which is begun where there is none.

    Returns what was written, in the order in which an author goes through it.

    Raises:
        UsageError: the name is no name, or taken; or something can't be written.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise UsageError(
            f"{name!r} can't name an exercise: expected a name of Python in lower case, such as last_output."
        )
    table = root / "exercises" / "course.toml"
    if table.exists():
        if name in find_course(root).names:
            raise UsageError(f"The course has an exercise {name!r} already; nothing was written.")
        course = read_text(table)
    else:
        course = _COURSE
    named = course + _ENTRY.format(name=name)
    try:
        tomllib.loads(named)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"{table} can't take another [[exercise]] at its end ({error}); nothing was written. "
            "Write its exercises as entries [[exercise]] of their own."
        ) from error
    written = []
    for part in _PLACES:
        if (folder := root / part / name).exists():
            raise UsageError(f"{folder} is there already; nothing was written.")
    try:
        for part, files in _PLACES.items():
            (root / part / name).mkdir(parents=True)
            for file in files:
                text = (_TEMPLATES / f"{file}.txt").read_text(encoding="utf-8")
                path = root / part / name / file
                path.write_text(text.replace("NAME", name).replace("TITLE", "what is to be learned"), encoding="utf-8")
                written.append(path)
        # last, so that the course is never without what it names
        write_whole(table, named.encode())
    except OSError as error:
        raise UsageError(f"{error.filename} can't be written: {error.strerror}.") from error
    return [*written, table]
