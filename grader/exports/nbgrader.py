"""The CSV that ``nbgrader export`` writes: a row for each exercise and student, with the penalty for lateness.

Columns and numbers are as in nbgrader's ``plugins/export.py``; times are in UTC and name no zone, as there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from grader.exports.sheet import Export, Sheet, names_of, table
from grader.policy import Counted, Final, decimal

_COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def render(sheet: Sheet) -> Export:
    """All exercises of the first kind, then all of the next; who handed nothing in has 0.00."""
    places = range(len(sheet.exercises))
    rows = [_row(sheet, final, final.counted[place]) for place in places for final in sheet.finals]
    return Export(text=table([_COLUMNS, *rows]))


def _row(sheet: Sheet, final: Final, counted: Counted) -> Iterator[object]:
    first, last = names_of(final)
    handed_in = counted.mark.handed_in if counted.mark else None
    yield from (counted.exercise, _time(sheet.due), _time(handed_in), final.student, last, first, final.email)
    yield from (decimal(counted.raw), decimal(counted.penalty))
    yield from (decimal(counted.points, counted.max_points), decimal(counted.max_points))


def _time(when: datetime | None) -> str:
    return "" if when is None else when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
