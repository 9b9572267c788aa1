"""A table that maps students to paths: a CSV with the columns student and path, and what else is known of them.

Columns: ``student, path[, name, email, handed_in, late, attempt]``, in any order. Separated by comma, semicolon or tab;
UTF-8, with or without its mark. Paths lie in the table's folder and do not lead out of it, by ``..`` or by links: they
may have been filled in by students.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

from grader.errors import SubmissionProblem, UsageError
from grader.files import read_plain_file
from grader.plaintext import plain_line, plain_name
from grader.platforms.collection import NOTHING, Collection, HandedIn, is_folder, moment

COLUMNS = ("student", "path", "name", "email", "handed_in", "late", "attempt")
_MAX_BYTES = 16 << 20
_MOST_TOLD = 5
_LATE = {"": None, "yes": True, "true": True, "1": True, "late": True, "no": False, "false": False, "0": False}


class _Wrong(Exception):
    """What is wrong in a line."""


def read(collection: Collection, table: Path) -> list[HandedIn]:
    """One for each line.

    Raises:
        UsageError: it is no such table, or lines of it are wrong; their numbers are told.
    """
    header, lines = _lines(table)
    handed_in: list[HandedIn] = []
    wrong: list[str] = []
    seen: dict[tuple[str, int], int] = {}
    for number, cells in lines:
        try:
            if len(cells) > len(header):
                raise _Wrong(f"it has {len(cells)} cells, and the header has {len(header)}.")
            one = _handed_in(collection, dict(zip(header, (cell.strip() for cell in cells), strict=False)), number)
            first = seen.setdefault((one.student, one.attempt), number)
            if first != number:
                raise _Wrong(f"attempt {one.attempt} of {one.student} stands in line {first} already.")
            handed_in.append(one)
        except _Wrong as error:
            wrong.append(f"Line {number}: {error}")
    if wrong:
        more = len(wrong) - _MOST_TOLD
        wrong[_MOST_TOLD:] = [f"So it is with {more} more lines."] if more > 0 else []
        raise UsageError(f"{table} can't be used. {' '.join(wrong)}")
    return handed_in


def _lines(table: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header in lower case, and the lines below it."""
    lines = read_cells(table)
    header = [cell.strip().lower() for cell in lines[0][1]] if lines else []
    unknown = [name for name in header if name not in COLUMNS]
    if unknown or len(set(header)) < len(header) or not {"student", "path"} <= set(header):
        got = plain_line(", ".join(header), 200) or "nothing"
        raise UsageError(
            f"{table}: expected a header with student and path, and perhaps {', '.join(COLUMNS[2:])}; got {got}."
        )
    return header, lines[1:]


def read_cells(table: Path) -> list[tuple[int, list[str]]]:
    """The lines of any CSV that are not empty, with their numbers.

    Raises:
        UsageError: it can't be read as one.
    """
    try:
        text = read_plain_file(table.resolve(), plain_line(table.name), _MAX_BYTES).decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        return [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except UnicodeDecodeError as error:
        raise UsageError(f"{table} is not UTF-8; save it as “CSV UTF-8”.") from error
    except (SubmissionProblem, csv.Error) as error:
        raise UsageError(f"{table} can't be read as a CSV: {error}") from error
    except OSError as error:
        raise UsageError(f"{table} can't be read: {error.strerror}.") from error


def _delimiter(text: str) -> str:
    header = next(iter(text.lstrip().splitlines()), "")
    return max(",;\t", key=header.count)


def _handed_in(collection: Collection, cells: dict[str, str], number: int) -> HandedIn:
    student = plain_name(cells.get("student", ""))
    if not student:
        raise _Wrong("the student is missing.")
    path, shown, problem = _path(collection, cells.get("path", ""))
    late = cells.get("late", "").lower()
    if late not in _LATE:
        raise _Wrong(f"late must be yes, no or empty, got {plain_line(late, 50)}.")
    attempt = cells.get("attempt", "") or "1"
    if not (attempt.isascii() and attempt.isdigit() and len(attempt) < 7 and int(attempt) >= 1):
        raise _Wrong(f"attempt must be a number from 1, got {plain_line(attempt, 50)}.")
    return HandedIn(
        student=student,
        name=plain_name(cells.get("name", "")),
        email=plain_name(cells.get("email", "")),
        path=path,
        shown=shown,
        handed_in=_moment(collection, cells.get("handed_in", ""), number),
        late=_LATE[late],
        attempt=int(attempt),
        problem=problem,
    )


def _path(collection: Collection, text: str) -> tuple[Path, str, str]:
    """What ``read_submission`` is given, where it is, and why there is nothing."""
    if not text:
        return collection.root / "none", "", NOTHING
    shown = plain_line(text, 200)
    path = collection.root / text.replace("\\", "/")
    try:
        inside = path.resolve().is_relative_to(collection.root.resolve())
        there = path.exists()
    except (OSError, ValueError, RuntimeError) as error:  # too long, a zero byte, links in a circle
        raise _Wrong(f"{shown} is no path.") from error
    if not inside:
        raise _Wrong(f"{shown} leads out of the folder of the table; put the table into a folder that holds both.")
    if not there:
        raise _Wrong(f"there is no {shown} beside the table; leave the path empty if nothing was handed in.")
    if not is_folder(path):
        return path, shown, ""
    given, problem = collection.submission_in(path)
    return given, shown, problem


def _moment(collection: Collection, text: str, number: int) -> datetime | None:
    if not text:
        return None
    found = moment(text)
    if found is None:
        raise _Wrong(f"handed_in must be a time as 2026-11-21 23:59 +01:00, got {plain_line(text, 50)}.")
    when, zone_is_known = found
    if not zone_is_known:
        collection.unzoned.append(f"line {number}")
    return when
