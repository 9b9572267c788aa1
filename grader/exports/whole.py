"""All of it as JSON: what each student has, how it came about, and every attempt with its whole report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from grader.exports.sheet import Export, Sheet
from grader.plaintext import plain_name
from grader.policy import Counted, Final, decimal

if TYPE_CHECKING:
    from grader.gradebook import Mark

FORMAT_VERSION = 1
_AS_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&"})  # so that a page can hold it


def render(sheet: Sheet) -> Export:
    """Points have two digits at most; times are ISO 8601 with their zone."""
    by_student: dict[str, list[Mark]] = {}
    for mark in sheet.marks:
        by_student.setdefault(mark.student, []).append(mark)
    data = {
        "format_version": FORMAT_VERSION,
        "due": _time(sheet.due),
        "students": [_student(final, by_student[final.student]) for final in sheet.finals],
    }
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False).translate(_AS_ESCAPES)
    return Export(text=text + "\n")


def _student(final: Final, marks: Sequence[Mark]) -> dict[str, Any]:
    return {
        "student": plain_name(final.student),
        "name": plain_name(final.name),
        "email": plain_name(final.email),
        "points": _number(final.points, final.max_points),
        "max_points": _number(final.max_points),
        "passed": final.passed,
        "how": final.how,
        "exercises": [_exercise(each, marks) for each in final.counted],
    }


def _exercise(counted: Counted, marks: Sequence[Mark]) -> dict[str, Any]:
    return {
        "exercise": counted.exercise,
        "status": counted.status,
        "raw": counted.raw,
        "penalty": _number(counted.penalty),
        "points": _number(counted.points, counted.max_points),
        "max_points": counted.max_points,
        "weight": float(counted.weight),
        "days_late": counted.days_late,
        "dropped": counted.dropped,
        "attempt": counted.mark.attempt if counted.mark else None,
        "attempts": [_attempt(mark) for mark in marks if mark.exercise == counted.exercise],
    }


def _attempt(mark: Mark) -> dict[str, Any]:
    return {
        "attempt": mark.attempt,
        "shown": mark.shown,
        "handed_in": _time(mark.handed_in),
        "late": mark.late,
        "graded_at": _time(mark.graded_at),
        "report": mark.report,
    }


def _number(value: Fraction | int, most: Fraction | int | None = None) -> float:
    return float(decimal(value, most))


def _time(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()
