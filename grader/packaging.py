"""An autograder for Gradescope: one zip with its scripts, the grader's own source, and the course with its solutions.

The same input gives the same bytes: names in order, one date, nothing compressed (what compresses differs by version).
"""

from __future__ import annotations

import io
import os
import platform
import re
import shlex
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from grader.course import GIVEN_FILES, Course
from grader.errors import UsageError
from grader.releasing import requirements
from grader.storing import write_whole

_PACKAGE = Path(__file__).resolve().parent
_SCRIPTS = ("setup.sh", "run_autograder")
_LEFT_OUT = {"__pycache__", "course_files"}
_DATE = (1980, 1, 1, 0, 0, 0)
_SECONDS = 570  # Gradescope ends a container after ten minutes, if it is told nothing else
_SUBMISSION_SECONDS = 420  # of these; what is cut off then is told, and the rest counts


def write_autograder(
    course: Course, path: Path, *, exercises: Sequence[str] = (), visibility: str = "visible", torch_index: str = ""
) -> None:
    """Writes the zip, whole or not at all.

    Args:
        course: with its solutions.
        path: of the zip, which must not be there yet.
        exercises: what is asked for, all of the course's by default; one that is not handed in gets 0 points.
        visibility: when students see the tests.
        torch_index: address of a package index that torch is taken from, or an empty text.

    Raises:
        UsageError: something is at that path, it can't be written, or there is no solution.
    """
    if os.path.lexists(path):
        raise UsageError(f"{path} is there already; nothing was written. Remove it, or say another name.")
    chosen = tuple(exercises) or course.names
    settings = {
        "visibility": visibility,
        "seconds": str(_SECONDS),
        "submission_seconds": f"{min(course.limits.submission_seconds or _SUBMISSION_SECONDS, _SUBMISSION_SECONDS):g}",
        "torch_index_url": torch_index,
        "python_version": ".".join(platform.python_version_tuple()[:2]),
    }
    files = {
        **{name: (_PACKAGE / "gradescope" / name).read_bytes() for name in _SCRIPTS},
        "settings.sh": _settings(chosen, settings).encode(),
        "requirements.txt": "".join(f"{each}\n" for each in requirements()).encode(),
        "constraints.txt": "".join(f"{each}\n" for each in _constraints()).encode(),
        **{f"grader/{name}": content for name, content in _package()},
        **{f"course/{name}": content for name, content in _course(course, chosen)},
    }
    try:
        write_whole(path, _zipped(files))
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.") from error


def _settings(exercises: Sequence[str], settings: Mapping[str, str]) -> str:
    lines = ["# What setup.sh and run_autograder go by.", f"exercises=({' '.join(map(shlex.quote, exercises))})"]
    return "\n".join([*lines, *(f"{name}={shlex.quote(value)}" for name, value in settings.items())]) + "\n"


def _constraints() -> Iterator[str]:
    """The versions that are installed here: what the course was tried with is what it is graded with."""
    for requirement in requirements():
        name = re.split(r"[^\w.-]", requirement)[0]
        try:
            yield f"{name}=={metadata.version(name).partition('+')[0]}"
        except metadata.PackageNotFoundError:  # of another system
            continue


def _package() -> Iterator[tuple[str, bytes]]:
    for path in sorted(_PACKAGE.rglob("*")):
        name = path.relative_to(_PACKAGE)
        if path.is_file() and not _LEFT_OUT & set(name.parts):
            yield name.as_posix(), path.read_bytes()


def _course(course: Course, chosen: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """The exercises, and of the solutions those that are needed."""
    wanted = ["exercises/course.toml"]
    wanted += [f"exercises/{name}/{file}" for name in course.names for file in GIVEN_FILES]
    for name in chosen:
        if course.exercise(name).solution is None:
            raise UsageError(f"The course has no solution for {name}, and an autograder needs it: solutions/{name}/.")
        wanted.append(f"solutions/{name}/solution.py")
        if course.exercise(name).misconceptions_source is not None:
            wanted.append(f"solutions/{name}/misconceptions.py")
    for name in wanted:
        try:
            yield name, (course.root / name).read_bytes()
        except OSError as error:
            raise UsageError(f"{course.root / name} can't be read: {error.strerror}.") from error


def _zipped(files: Mapping[str, bytes]) -> bytes:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3  # Unix, whose rights are those below
            entry.external_attr = (0o100755 if name in _SCRIPTS else 0o100644) << 16
            archive.writestr(entry, content)
    return zipped.getvalue()
