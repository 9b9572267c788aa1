"""What Moodle gives as "Download all submissions": a folder, or files with a prefix, for each student and plugin.

The names are those that Moodle makes in ``mod/assign/classes/downloader.php`` (before 4.1 in ``locallib.php``): full
name, number of the participant, ``assignsubmission`` and the plugin (``file``, ``onlinetext``), joined by ``_``; in
the full name Moodle writes a space for each ``_``. The number is that of "Participant 123" in the grading worksheet.
Those who are in no group are a group without a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from grader.intake.archives import writable_name
from grader.intake.reading import is_code
from grader.plaintext import plain_name
from grader.platforms.collection import NOTHING, Collection, HandedIn, could_be_code, is_folder

_NAME = re.compile(
    r"(?P<name>.+?)(?:_(?P<id>\d+))?_assignsubmission_(?P<plugin>[a-z0-9]+)(?:_(?P<original>.*))?", re.DOTALL
)


@dataclass(kw_only=True, slots=True)
class _Student:
    """What belongs to one participant: a folder, or files each with the name that it had."""

    name: str
    shown: str
    folder: Path | None = None
    files: list[tuple[Path, str]] = field(default_factory=list)
    problem: str = ""


def recognises(collection: Collection, folder: Path) -> bool:
    """Whether anything in a folder is named as Moodle names it."""
    return any(_NAME.fullmatch(collection.name(each)) for each in collection.inside(folder))


def read(collection: Collection, folder: Path) -> list[HandedIn]:
    """One student for each participant; texts that were typed in are passed over."""
    students: dict[str, _Student] = {}
    for path in collection.inside(folder):
        found, shown = _NAME.fullmatch(collection.name(path)), collection.shown(path)
        if found is None:
            collection.remarks.append(f"{shown} is passed over: Moodle gives nothing such a name.")
            continue
        student = _student(students, found, shown)
        original = found["original"] or ""
        if found["plugin"] != "file":
            collection.remarks.append(f"{shown} is passed over: {found['plugin']}, not a file.")
        elif is_folder(path):
            student.folder = path
        elif could_be_code(original):
            student.files.append((path, original))
        else:
            collection.remarks.append(f"{shown} is passed over: no .py, no .ipynb, no archive.")
    above = collection.parts(folder)
    for parts, why in collection.refused:
        found = _NAME.fullmatch(parts[-1]) if parts[:-1] == above else None
        if found is not None:
            _student(students, found, plain_name(parts[-1])).problem = f"A file of it could not be unpacked: {why}"
    return [_handed_in(collection, key, student) for key, student in students.items()]


def _student(students: dict[str, _Student], found: re.Match[str], shown: str) -> _Student:
    name = plain_name(found["name"].strip())
    return students.setdefault(found["id"] or name, _Student(name=name, shown=shown))


def _handed_in(collection: Collection, key: str, student: _Student) -> HandedIn:
    if student.folder is not None:
        path, problem = collection.submission_in(student.folder)
    else:
        path, problem = _from_files(collection, key, student.files)
    return HandedIn(
        student=key,
        name=student.name,
        path=path,
        shown=student.shown if student.folder is None else collection.shown(student.folder),
        problem=student.problem or problem,
    )


def _from_files(collection: Collection, key: str, files: list[tuple[Path, str]]) -> tuple[Path, str]:
    code = [each for each in files if is_code(each[1])]
    folder, problem = collection.lay(key if key.isdigit() else "group", code or files)
    if code or problem:
        return folder, problem
    if len(files) == 1:
        return folder / writable_name(files[0][1]), ""
    return folder, "It holds several archives; hand in one." if files else NOTHING
