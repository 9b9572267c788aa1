"""What an instructor gave, and the form in which every way to collect submissions says who handed in what."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import InternalFault, SubmissionProblem
from grader.files import read_plain_file
from grader.intake.archives import is_archive, is_passed_over, writable_name
from grader.intake.reading import MAX_BYTES, is_code
from grader.plaintext import listed, plain_line

NOTHING = "Nothing was handed in."
_MAX_LEVELS = 8  # of folders in folders that are looked into for code
_MAX_FOLDERS = 500  # on one level
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ]+(\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))? *(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?|[A-Za-z][\w/+-]*)?"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedIn:
    """What one student handed in, once.

    Attributes:
        student: an id that stays the same from one export to the next: the platform's where it tells one, else the
            name of the folder or file. Plain text.
        name, email: as far as they are told; plain text.
        path: what ``read_submission`` is given.
        shown: where it was, for people: below what the instructor gave.
        handed_in: when, with its zone; in UTC where no zone is told that is known.
        late: what the platform says, where it says so.
        attempt: number, from 1.
        problem: why there is nothing to read at ``path``, where that is known already; for the student.
    """

    student: str
    name: str = ""
    email: str = ""
    path: Path
    shown: str
    handed_in: datetime | None = None
    late: bool | None = None
    attempt: int = 1
    problem: str = ""


@dataclass(kw_only=True, slots=True)
class Collection:
    """A folder with all that was handed in, or an archive that was unpacked.

    Attributes:
        root: the folder.
        spare: an empty folder of our own.
        names: of files and folders, by what they are called here, if that is something else.
        refused: what was not unpacked: the parts of its name, and why.
        remarks: for the instructor.
        unzoned: where times stand whose zone is not known; they are taken for UTC.
    """

    root: Path
    spare: Path
    names: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[tuple[tuple[str, ...], str], ...] = ()
    remarks: list[str] = field(default_factory=list)
    unzoned: list[str] = field(default_factory=list)
    _laid: int = field(default=0, init=False)

    def name(self, path: Path) -> str:
        """What a file or folder was called before it was unpacked."""
        return self.names.get(path.name, path.name)

    def parts(self, path: Path) -> tuple[str, ...]:
        """The names on the way to it from what was given."""
        return tuple(self.names.get(part, part) for part in path.relative_to(self.root).parts)

    def shown(self, path: Path) -> str:
        """Where it was, for people."""
        return plain_line("/".join(self.parts(path)) or ".")

    def inside(self, folder: Path) -> list[Path]:
        """What lies in a folder, by name, but for what is hidden or left there by systems and tools."""
        names = sorted(os.listdir(folder))
        return [folder / name for name in names if not name.startswith(".") and not is_passed_over(name)]

    def folders(self, folder: Path) -> list[Path]:
        """The folders in a folder."""
        return [each for each in self.inside(folder) if is_folder(each)]

    def files(self, folder: Path) -> list[Path]:
        """All else in a folder."""
        return [each for each in self.inside(folder) if not is_folder(each)]

    def refused_in(self, above: tuple[str, ...]) -> str:
        """Why something that could be code was not unpacked into a folder; empty where all was."""
        for parts, why in self.refused:
            if parts[: len(above)] == above and could_be_code(parts[-1]):
                return why
        return ""

    def lay(self, name: str, files: Iterable[tuple[Path, str]]) -> tuple[Path, str]:
        """A folder of our own with copies of files under other names, and why that can't be, where it can't.

        Raises:
            InternalFault: it can't be written.
        """
        self._laid += 1
        folder = self.spare / "laid" / str(self._laid) / name
        try:
            folder.mkdir(parents=True)
            for path, other in files:
                try:
                    content = read_plain_file(path, plain_line(other, 100), MAX_BYTES)
                except SubmissionProblem as problem:
                    return folder, str(problem)
                except OSError as error:
                    return folder, f"{plain_line(other, 100)} can't be read: {error.strerror}."
                (folder / writable_name(other)).write_bytes(content)
        except OSError as error:
            raise InternalFault(f"{folder} can't be written: {error.strerror}.") from error
        return folder, ""

    def submission_in(self, folder: Path) -> tuple[Path, str]:
        """What of a student's folder is the submission, and why there is none, where there is none.

        It is the folder itself, or the one below it that holds the code, or an archive.
        """
        try:
            if refused := self.refused_in(self.parts(folder)):
                return folder, f"A part of it could not be unpacked: {refused}"
            return self._submission_in(folder)
        except OSError as error:
            return folder, f"It can't be read: {error.strerror}."

    def _submission_in(self, folder: Path) -> tuple[Path, str]:
        level, others = [folder], []
        for _ in range(_MAX_LEVELS):
            files = [file for each in level for file in self.files(each)]
            code = [file for file in files if is_code(file.name)]
            if code:
                return Path(os.path.commonpath([file.parent for file in code])), ""
            archives = [file for file in files if is_archive(file)]
            if len(archives) == 1:
                return archives[0], ""
            if archives:
                return folder, f"It holds several archives, {listed(map(self.name, archives))}; hand in one."
            others += files
            level = [inner for each in level for inner in self.folders(each)][:_MAX_FOLDERS]
        if not others:
            return folder, NOTHING
        return folder, f"No .py, no .ipynb and no archive of them was handed in, only {listed(map(self.name, others))}."


def is_folder(path: Path) -> bool:
    """Whether it is a folder and no link to one."""
    return stat.S_ISDIR(path.lstat().st_mode)


def could_be_code(name: str) -> bool:
    """Whether a file of this name can be graded."""
    return is_code(name) or is_archive(Path(name))


def moment(text: str) -> tuple[datetime, bool] | None:
    """A date and time, and whether its zone is known (it is taken for UTC if not); ``None`` for anything else.

    Taken are ISO 8601 and how Ruby and Python print moments, with up to nine decimals and names of zones. Of these only
    UTC is known: others name different zones in different countries.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    day, time, fraction, zone = found.groups()
    known = zone is not None and (zone in ("Z", "UTC", "GMT") or zone[0] in "+-")
    offset = zone if known and zone[0] in "+-" else "+00:00"
    try:
        return datetime.fromisoformat(f"{day}T{time}{offset}").replace(microsecond=_microseconds(fraction)), known
    except ValueError:
        return None


def utc(text: str) -> datetime | None:
    """As ``moment``, where a zone that is not told is UTC, as everywhere on the platform."""
    found = moment(text)
    return found[0].astimezone(UTC) if found else None


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))
