"""Where reports go: which formats were asked for and into which files, checked before anything is graded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.intake.reading import is_code
from grader.reporters import FORMATS
from grader.reporters.gradescope import VISIBILITIES

VISIBILITY = "GRADER_VISIBILITY"  # of Gradescope's tests


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A report that is wanted; to standard output where there is no ``file``."""

    format: str
    file: Path | None


def targets(
    format_: str,
    output: Path | None,
    reports: Sequence[str],
    *,
    submissions: Sequence[Path],
    environ: Mapping[str, str],
) -> list[Target]:
    """The reports that are wanted, in the order in which they are to be written.

    Args:
        format_, output: of the report that is always wanted.
        reports: more of them, each as ``FORMAT=FILE``.
        submissions: that are graded; no report is written over one.
        environ: the environment.

    Raises:
        UsageError: one of them is none, or can't be written.
    """
    wanted = [*map(_target, reports), Target(format=format_, file=output)]
    taken: set[Path] = set()
    for target in wanted:
        _check_format(target.format, len(submissions), environ)
        if target.file is not None:
            check_file(target.file)
            if any(_is_part_of(target.file, each) for each in submissions):
                raise UsageError(f"{target.file} is what is to be graded; say another file for the report.")
            if (whole := target.file.resolve()) in taken:
                raise UsageError(f"{target.file} is asked for twice; say another file for one of the reports.")
            taken.add(whole)
    return wanted


def check_file(path: Path) -> None:
    """Raises ``UsageError`` where a file can't be written."""
    try:
        folder_is_there, is_folder = path.absolute().parent.is_dir(), path.is_dir()
    except OSError as error:
        raise UsageError(f"{str(path)[:80]} can't be written: {error.strerror}.") from error
    if not folder_is_there:
        raise UsageError(f"{path} can't be written: there is no folder {path.absolute().parent}.")
    if is_folder:
        raise UsageError(f"{path} can't be written: it is a folder.")


def _is_part_of(file: Path, submission: Path) -> bool:
    """Whether writing a file would change a submission."""
    whole, graded = file.resolve(), submission.resolve()
    return whole == graded or (graded in whole.parents and is_code(whole.name))


def given(environ: Mapping[str, str]) -> dict[str, Any]:
    """What reporters may take beside the report, of what does not depend on where it goes."""
    return {"environ": environ, "now": datetime.now(UTC), "visibility": _visibility(environ)}


def _visibility(environ: Mapping[str, str]) -> str:
    return environ.get(VISIBILITY) or VISIBILITIES[0]


def _target(text: str) -> Target:
    name, _, file = text.partition("=")
    if name not in FORMATS or not file:
        raise UsageError(
            f"--report {text}: expected FORMAT=FILE, such as junit=report.xml; the formats are {', '.join(FORMATS)}."
        )
    if file == "-":
        raise UsageError(f"--report {text}: expected a file; for standard output say --format {name}.")
    return Target(format=name, file=Path(file))


def _check_format(name: str, submissions: int, environ: Mapping[str, str]) -> None:
    wanted = FORMATS[name]
    if wanted.alone and submissions > 1:
        raise UsageError(
            f"The format {name} is for one submission, and there are {submissions}; grade them one by one, "
            "or say another format."
        )
    for variable, pattern in wanted.needs:
        value = environ.get(variable, "")
        if not re.match(pattern, value):
            begins = f" that begins with {pattern.rstrip('.')}" if pattern.rstrip(".") else ""
            raise UsageError(
                f"The format {name} needs {variable} in the environment{begins}, got {value!r}. Classroom 50 sets it."
            )
    chosen = _visibility(environ)
    if name == "gradescope" and chosen not in VISIBILITIES:
        raise UsageError(f"{VISIBILITY} must be one of {', '.join(VISIBILITIES)}, got {chosen!r}.")
