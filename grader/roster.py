"""Who handed in what: reads a folder, a platform's export or a table, and says what each student's submission is.

The kind is recognised by how things are named and laid out (``grader/platforms/``), or is said. Nothing of a submission
is read here; one that is broken is its own student's matter and not the cohort's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from grader.errors import SubmissionProblem, UsageError
from grader.intake.archives import is_archive, parts_of, unpack_cohort
from grader.plaintext import listed
from grader.platforms import canvas, folders, gradescope, moodle, nbgrader, tables
from grader.platforms.collection import Collection, HandedIn, is_folder

Kind = Literal["folder", "gradescope", "canvas", "moodle", "nbgrader", "csv"]
KINDS: tuple[Kind, ...] = ("folder", "gradescope", "canvas", "moodle", "nbgrader", "csv")
_MAX_LEVELS = 3  # of folders that hold one folder each, above a platform's own
_RECOGNISED: tuple[tuple[Kind, Callable[[Collection, Path], bool]], ...] = (
    ("gradescope", gradescope.recognises),
    ("moodle", moodle.recognises),
    ("canvas", canvas.recognises),
    ("nbgrader", nbgrader.recognises),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    """Who handed in what.

    Attributes:
        kind: as which the collection was read.
        handed_in: one for each student and attempt, each student's attempts in their order.
        remarks: what was passed over or assumed, for the instructor; plain text.
    """

    kind: Kind
    handed_in: tuple[HandedIn, ...]
    remarks: tuple[str, ...]


def read_roster(path: Path, spare: Path, *, kind: Kind | None = None, assignment: str | None = None) -> Roster:
    """Reads what a cohort handed in.

    Args:
        path: a folder, a .zip, or a .csv.
        spare: an empty folder to unpack in; what is returned lies partly there.
        kind: as which to read it; recognised where it is not said.
        assignment: of nbgrader's tree, where there are several.

    Raises:
        UsageError: it can't be read, or holds no submission; the message says what was expected.
        InternalFault: what is in it could not be written.
    """
    try:
        found, collection, handed_in = _read(path, spare, kind, assignment)
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    if not handed_in:
        passed_over = f" {collection.remarks[0]}" if collection.remarks else ""
        raise UsageError(f"{path} holds no submission (read as {found}).{passed_over}")
    if collection.unzoned:
        collection.remarks.append(f"Taken for UTC, for the zone is not known: {listed(collection.unzoned)}.")
    return Roster(kind=found, handed_in=tuple(_in_order(handed_in)), remarks=tuple(collection.remarks))


def _read(
    path: Path, spare: Path, kind: Kind | None, assignment: str | None
) -> tuple[Kind, Collection, list[HandedIn]]:
    if not path.exists():
        raise UsageError(f"There is no file or folder {path}.")
    if kind == "csv" or (kind is None and path.suffix.lower() == ".csv"):
        collection = Collection(root=path.parent, spare=spare)
        return "csv", collection, tables.read(collection, path)
    if path.is_dir():
        collection = Collection(root=path, spare=spare)
    elif path.is_file() and path.suffix.lower() == ".zip":
        collection = _unpacked(path, spare)
    else:
        hint = " Unpack it first." if is_archive(path) else " One submission is graded by: grader grade"
        raise UsageError(
            f"{path} is no cohort: expected a folder, a .zip as a learning platform gives it, or a .csv.{hint}"
        )
    folder, recognised = _recognised(collection, path.is_file())
    found = kind or recognised
    if found == "nbgrader":
        return found, collection, nbgrader.read(collection, folder, assignment)
    readers = {"gradescope": gradescope.read, "canvas": canvas.read, "moodle": moodle.read, "folder": folders.read}
    return found, collection, readers[found](collection, folder)


def _unpacked(path: Path, spare: Path) -> Collection:
    into = spare / "unpacked"
    into.mkdir()
    try:
        unpacked = unpack_cohort(path, into)
    except SubmissionProblem as problem:
        raise UsageError(str(problem)) from problem
    refused = tuple((tuple(parts_of(name)), why) for name, why in unpacked.refused)
    remarks = [f"Not unpacked: {why}" for _, why in unpacked.refused]
    return Collection(root=into, spare=spare, names=unpacked.names, refused=refused, remarks=remarks)


def _recognised(collection: Collection, packed: bool) -> tuple[Path, Kind]:
    """The folder in which the submissions lie, and how they are laid out."""
    folder = collection.root
    for _ in range(_MAX_LEVELS):
        for kind, recognises in _RECOGNISED:
            if recognises(collection, folder):
                return folder, kind
        there = collection.inside(folder)
        if len(there) != 1 or not is_folder(there[0]):
            break
        (folder,) = there
    only = collection.inside(collection.root)
    if packed and len(only) == 1 and is_folder(only[0]):  # programs that pack put a folder around all
        return only[0], "folder"
    return collection.root, "folder"


def _in_order(handed_in: list[HandedIn]) -> list[HandedIn]:
    """The same, each student's attempts one after the other, and no two of the same number."""
    students = {student: place for place, student in enumerate(dict.fromkeys(one.student for one in handed_in))}
    no_time = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(handed_in, key=lambda one: (students[one.student], one.attempt, one.handed_in or no_time))
    numbered: list[HandedIn] = []
    for one in ordered:
        before = numbered[-1] if numbered and numbered[-1].student == one.student else None
        attempt = max(one.attempt, before.attempt + 1) if before else one.attempt
        numbered.append(dataclasses.replace(one, attempt=attempt))
    return numbered
