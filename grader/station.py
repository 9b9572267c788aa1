"""A process that grades for a cohort: it keeps one ``Grader``, and grades one submission a call.

Called through an executor, here or on another machine, so all that goes in and out can be pickled, and is ours: texts
of submissions, cases, parts of reports. A course that isn't found where it was is unpacked from what came along.
"""

from __future__ import annotations

import atexit
import hashlib
import io
import multiprocessing.util
import tempfile
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader.cases import Case
from grader.course import find_course
from grader.errors import InternalFault, SubmissionProblem, UsageError
from grader.grading import Grader, Options
from grader.report import json_data
from grader.submission import Submission

_FOLDERS = ("exercises", "solutions")


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What a station grades with.

    Attributes:
        course: folder of the course.
        course_sha256: digest of its files, see ``course_files``.
        options: how to grade.
    """

    course: Path
    course_sha256: str
    options: Options


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What to do with a submission: grade it on exercises, or try the cases of others on one.

    Attributes:
        exercises: names.
        cases: (law, case as JSON data), to be tried on the one exercise; empty to grade.
        laws: those to judge on them.
    """

    exercises: tuple[str, ...]
    cases: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    laws: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What came of it.

    Attributes:
        results: parts of a report, as JSON data: exercises where they were graded, laws that were broken where cases
            were tried.
        versions: see ``Grader.versions``.
        fault: a fault of the grader itself, in words; nothing was graded then.
    """

    results: tuple[Mapping[str, Any], ...] = ()
    versions: str = ""
    fault: str = ""


def describe(setting: Setting, archive: bytes | None) -> dict[str, Any]:
    """What results would be obtained with here: versions, devices, protection, and keys of the exercises.

    Raises:
        UsageError: nothing protects this machine from submissions, and they are not said to be trusted.
    """
    with _turn:
        grader = _grader(setting, archive)
        grader.check_protection()
        return {
            "versions": grader.versions(),
            "environment": json_data(asdict(grader.environment())),
            "seed": grader.seed,
            "max_examples": grader.max_examples,
            "exercises": {name: grader.exercise_key(name) for name in grader.course.names},
        }


def do(setting: Setting, archive: bytes | None, submission: Submission, work: Work) -> Done:
    """Does one thing, in this process's turn."""
    with _turn:
        try:
            grader = _grader(setting, archive)
            done = (_try_cases if work.cases else _grade)(grader, submission, work)
            return Done(results=done, versions=grader.versions())
        except InternalFault as fault:
            _leave()  # what is broken may be what is kept
            return Done(fault=str(fault))


def _grade(grader: Grader, submission: Submission, work: Work) -> tuple[Mapping[str, Any], ...]:
    result = grader.grade_submission(submission, work.exercises)
    return tuple(json_data(asdict(each)) for each in result.exercises)


def _try_cases(grader: Grader, submission: Submission, work: Work) -> tuple[Mapping[str, Any], ...]:
    cases = [(law, Case.from_json(data)) for law, data in work.cases]
    try:
        broken = grader.try_cases(submission, work.exercises[0], cases, work.laws)
    except SubmissionProblem:  # it could be run before; whatever it is, no law is broken by it
        return ()
    return tuple(json_data(asdict(each)) for each in broken)


_turn = threading.Lock()  # an executor may have threads; a Grader keeps several processes busy by itself
_kept: dict[Setting, Grader] = {}


def _grader(setting: Setting, archive: bytes | None) -> Grader:
    if setting not in _kept:
        _leave()
        course = find_course(_course_folder(setting, archive))
        _kept[setting] = grader = Grader(course, setting.options)
        for name in course.names:
            grader.exercise(name)  # read now, while the server imports torch
        grader.server.warm()  # once for all; else each worker loads it whose code runs a module on meta
        multiprocessing.util.Finalize(None, _leave, exitpriority=0)  # where this process was made by multiprocessing,
        atexit.register(_leave)  # which calls no atexit functions
    return _kept[setting]


def _leave() -> None:
    for grader in _kept.values():
        grader.__exit__(None, None, None)
    _kept.clear()


def course_files(root: Path) -> list[Path]:
    """All files of a course, relative to its folder."""
    found = (path for folder in _FOLDERS for path in (root / folder).rglob("*") if path.is_file())
    return sorted(path.relative_to(root) for path in found if "__pycache__" not in path.parts)


def pack(root: Path) -> bytes:
    """A course as a zip, the same bytes for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in course_files(root):
            archive.writestr(zipfile.ZipInfo(path.as_posix()), (root / path).read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def packed_sha256(archive: bytes) -> str:
    """A digest of a packed course."""
    return hashlib.sha256(archive).hexdigest()


def _course_folder(setting: Setting, archive: bytes | None) -> Path:
    """Where the course is here: where it was, if that is the same one, else where it is unpacked."""
    if (setting.course / "exercises").is_dir() and packed_sha256(pack(setting.course)) == setting.course_sha256:
        return setting.course
    if archive is None:
        raise UsageError(f"The course in {setting.course} has changed since grading began; begin again.")
    folder = tempfile.TemporaryDirectory(prefix="grader-course-")
    atexit.register(folder.cleanup)
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(folder.name)  # ours, not a submission's
    return Path(folder.name)
