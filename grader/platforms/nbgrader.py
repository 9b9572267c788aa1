"""What nbgrader collects: ``submitted/STUDENT/ASSIGNMENT/`` with notebooks and ``timestamp.txt``.

The tree is described in nbgrader's user guide ("Collecting assignments"); ``timestamp.txt`` holds a moment as
``2015-02-02 15:58:23.948203 UTC``.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from grader.errors import SubmissionProblem, UsageError
from grader.files import read_plain_file
from grader.plaintext import listed, plain_name
from grader.platforms.collection import NOTHING, Collection, HandedIn, moment

_TREE, _TIME = "submitted", "timestamp.txt"


def recognises(collection: Collection, folder: Path) -> bool:
    """Whether a folder is such a tree, or holds one: by its name, or because there are times in it."""
    if folder.name == _TREE or (folder / _TREE).is_dir():
        return True
    return any(
        (each / _TIME).is_file() for student in collection.folders(folder) for each in collection.folders(student)
    )


def read(collection: Collection, folder: Path, assignment: str | None) -> list[HandedIn]:
    """One student for each folder.

    Raises:
        UsageError: there are several assignments, and it is not said which, or the one that is said isn't there.
    """
    tree = folder / _TREE if (folder / _TREE).is_dir() else folder
    students = collection.folders(tree)
    there = sorted({collection.name(each) for student in students for each in collection.folders(student)})
    chosen = _chosen(there, assignment, collection.shown(tree))
    return [_handed_in(collection, student, chosen) for student in students]


def _chosen(there: list[str], assignment: str | None, shown: str) -> str:
    if assignment is None and len(there) == 1:
        return there[0]
    if assignment in there:
        return assignment
    if not there:
        raise UsageError(f"{shown} holds no assignment: expected STUDENT/ASSIGNMENT/ with notebooks in it.")
    if assignment is None:
        raise UsageError(
            f"{shown} holds several assignments; say which: --assignment NAME. There are: {listed(there)}."
        )
    raise UsageError(f"{shown} holds no assignment {assignment!r}. There are: {listed(there)}.")


def _handed_in(collection: Collection, student: Path, assignment: str) -> HandedIn:
    folder = next((each for each in collection.folders(student) if collection.name(each) == assignment), student)
    if folder == student:
        path, problem, when = student, NOTHING, None
    else:
        path, problem = collection.submission_in(folder)
        when = _time(collection, folder / _TIME)
    return HandedIn(
        student=plain_name(collection.name(student)),
        path=path,
        shown=collection.shown(folder),
        handed_in=when,
        problem=problem,
    )


def _time(collection: Collection, file: Path) -> datetime | None:
    if not file.exists():
        return None
    try:
        text = read_plain_file(file, _TIME, 200).decode("utf-8")
    except (OSError, UnicodeDecodeError, SubmissionProblem):
        text = ""
    found = moment(text)
    if found is None:
        collection.remarks.append(f"{collection.shown(file)} holds no time; expected one as 2026-11-21 23:59:00 UTC.")
        return None
    when, zone_is_known = found
    if not zone_is_known:
        collection.unzoned.append(collection.shown(file))
    return when
