"""Submissions: a .py, an .ipynb, a folder of these, or an archive of such a folder, as text.

What is handed in is opened and parsed by ``intake`` in a process of its own; nothing of it is executed here.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath, PurePosixPath

from grader.errors import NotHandedIn, SubmissionProblem, UsageError
from grader.execution.bundles import Bundle
from grader.intake.apart import run_apart
from grader.intake.archives import SUFFIXES, is_archive
from grader.intake.reading import is_code
from grader.intake.remarks import Remark
from grader.intake.sources import SourceFile, broken_source
from grader.plaintext import listed

_MOST_TOLD = 5  # problems of files
_MOST_COMPARED = 5_000  # names that may be misspelt ones


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What was handed in.

    Attributes:
        path: as it was given.
        sha256: a digest of its content, as far as it was read.
        files: in it.
        folder: where they lie, or lie once an archive is unpacked as is usual; empty for a file.
    """

    path: str
    sha256: str
    files: tuple[SourceFile, ...]
    folder: str = ""

    def file_for(self, exercise: str, names: tuple[str, ...]) -> SourceFile | None:
        """The one file that defines the names that an exercise asks for.

        Raises:
            SubmissionProblem: it can't be told which of several files that is.
        """
        found = self._candidates(exercise, names)
        if len(found) < 2:
            return found[0] if found else None
        places = " and ".join(file.name for file in found)
        if found[0].defined.keys() >= set(names):
            hint = "" if any(exercise in _parts(file) for file in found) else f", or name it {exercise}.py"
            raise SubmissionProblem(f"`{names[0]}` is defined more than once, in {places}; keep one of them{hint}.")
        missing = "; ".join(f"{file.name} has no {_named(set(names) - file.defined.keys())}" for file in found)
        raise SubmissionProblem(f"{_named(names)} must be in one file, defined or imported there: {missing}.")

    def _candidates(self, exercise: str, names: tuple[str, ...]) -> list[SourceFile]:
        """Files that may be meant: those with all of the names, if any; then those that do not only import them.

        Of what is left, those that lie in the fewest folders, and of these those that are named after the exercise,
        they or a folder of theirs: a later exercise may well have a copy of an earlier one's function as a helper.
        """
        found = [file for file in self.files if any(name in file.defined for name in names)]
        better: tuple[Callable[[SourceFile], bool], ...] = (
            lambda file: file.defined.keys() >= set(names),
            lambda file: any(name in file.defined.keys() - file.imported for name in names),
            lambda file: file.depth == min(each.depth for each in found),
            lambda file: any(exercise in part for part in _parts(file)),
            lambda file: exercise in _parts(file),
        )
        for is_better in better:
            found = [file for file in found if is_better(file)] or found
        return found

    def bundle(self, file: SourceFile) -> Bundle:
        """What a worker needs to run one file of the submission; the others can be imported from it."""
        others = tuple(each for each in self.files if not each.notebook and each is not file and not each.problem)
        files = tuple((each.name, each.blocks) for each in (file, *others))
        return Bundle(files=files, main=file.name, tolerant=file.notebook)

    def remarks(self, file: SourceFile) -> tuple[Remark, ...]:
        """What is for a person to read in all that a worker is given to run one file."""
        named = {name for name, _ in self.bundle(file).files}
        return tuple(remark for each in self.files if each.name in named for remark in each.remarks)

    def location(self, file: SourceFile) -> str:
        """The path of one of its files."""
        return str(Path(self.folder) / file.name) if self.folder else self.path

    def place(self, exercise: str, names: tuple[str, ...]) -> tuple[str, int | None]:
        """Where any of the names is defined: a path and, in a .py, the line; an empty text where none is."""
        for file in self._candidates(exercise, names):
            name = next(name for name in names if name in file.defined)
            line = None if file.notebook else re.search(r", line (\d+)$", file.defined[name])
            return self.location(file), int(line[1]) if line else None
        return "", None


def read_submission(path: Path) -> Submission:
    """Reads a submission. Problems within a file stay with the file, those of the whole stand for a file.

    Raises:
        UsageError: there is no such path, or it is of no kind that can be graded.
    """
    try:
        there = os.path.lexists(path)
        is_folder = path.is_dir()
    except OSError as error:
        raise UsageError(f"{str(path)[:80]} can't be read: {error.strerror}.") from error
    if not there:
        near = [each.name for each in path.parent.glob("*") if is_code(each.name)] if path.parent.is_dir() else []
        alike = difflib.get_close_matches(path.name, near, n=1, cutoff=0.75)
        hint = f" Did you mean {alike[0]}?" if alike else f" In that folder: {listed(sorted(near))}." if near else ""
        raise UsageError(f"There is no file or folder {path}.{hint}")
    try:
        with tempfile.TemporaryDirectory(prefix="grader-") if is_archive(path) else nullcontext("") as spare:
            taken = run_apart("grader.intake.reading:take_in", str(path), spare)
    except SubmissionProblem as problem:
        return unreadable(str(path), str(problem))
    folder = str(path / taken["inside"]) if is_folder else ""
    if is_archive(path):
        folder = str(path.parent / (taken["inside"] if taken["inside"] != "." else _without_suffix(path)))
    files = tuple(map(SourceFile.from_json, taken["files"]))
    return Submission(path=str(path), sha256=taken["sha256"], files=files, folder=folder)


def read_one_of(path: Path) -> Submission:
    """Reads a submission among others: a folder with nothing to grade costs itself, and not those beside it.

    Raises:
        UsageError: there is no such path, or it is of no kind that can be graded.
    """
    try:
        return read_submission(path)
    except UsageError as error:
        if not path.is_dir():
            raise
        return unreadable(str(path), str(error))


def unreadable(path: str, problem: str) -> Submission:
    """A submission of which nothing could be read, for a reason."""
    nothing = hashlib.sha256().hexdigest()
    return Submission(path=path, sha256=nothing, files=(broken_source(PurePath(path).name, problem),))


def _parts(file: SourceFile) -> list[str]:
    """The names of a file and of the folders in which it lies, as names of Python, in small letters."""
    return [re.sub(r"\W+", "_", part.casefold()) for part in PurePosixPath(file.name).with_suffix("").parts]


def _named(names: Iterable[str]) -> str:
    return " and ".join(f"`{name}`" for name in sorted(names))


def _without_suffix(archive: Path) -> str:
    return archive.name[: -len(next(each for each in SUFFIXES if archive.name.lower().endswith(each)))]


def file_for(submission: Submission, exercise: str, entry_points: tuple[str, ...]) -> SourceFile:
    """The file that defines what an exercise asks for.

    Raises:
        NotHandedIn: there is none.
        SubmissionProblem: it can't be read, it can't be told which one it is, or its name is not quite right.
    """
    file = submission.file_for(exercise, entry_points)
    if file is None:
        if problems := _problems(submission):
            raise SubmissionProblem(problems)
        if near := _nearly(submission, entry_points):
            raise SubmissionProblem(near)
        raise NotHandedIn(f"It does not define `{' or '.join(entry_points)}`.")
    if file.problem:
        raise SubmissionProblem(file.problem)
    return file


def _problems(submission: Submission) -> str:
    """What is wrong with its files, but for those in folders in it, which may be anybody's."""
    problems = [each.problem for each in submission.files if each.problem and not each.depth]
    more = len(problems) - _MOST_TOLD
    return " ".join([*problems[:_MOST_TOLD], *([f"So it is with {more} more files."] if more > 0 else [])])


def _nearly(submission: Submission, entry_points: tuple[str, ...]) -> str:
    """What to rename, where something is called nearly as one of the entry points is."""
    defined = {name: place for file in submission.files for name, place in file.defined.items()}
    lowered = {name.lower(): name for name in islice(defined, _MOST_COMPARED)}
    for wanted in entry_points:
        near = difflib.get_close_matches(wanted.lower(), lowered, n=1, cutoff=0.75)
        if near:
            name = lowered[near[0]]
            return f"It does not define `{wanted}`. Is it the `{name}` at {defined[name]}? Then rename it."
    return ""


def exercises_in(submission: Submission, entry_points: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Names of the exercises of which a submission defines an entry point, in the order of the course.

    Files that lie deeper than others which define any are not looked at: they may be handouts, or what was copied.
    """
    asked_for = {name for names in entry_points.values() for name in names}
    defining = [file for file in submission.files if asked_for.intersection(file.defined)]
    depth = min((file.depth for file in defining), default=0)
    defined = {name for file in defining if file.depth == depth for name in file.defined}
    return [exercise for exercise, names in entry_points.items() if defined.intersection(names)]


def nothing_to_grade(submission: Submission, entry_points: Mapping[str, tuple[str, ...]]) -> str:
    """Why a submission defines nothing of what the exercises ask for, in words."""
    if problems := _problems(submission):
        return problems
    everything = tuple(name for names in entry_points.values() for name in names)
    if near := _nearly(submission, everything):
        return near
    return f"It defines none of the course's entry points: {', '.join(everything)}."
