"""From a gradebook to what a platform or a spreadsheet takes: the policy is applied here, and stored nowhere."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

from grader.course import Course
from grader.errors import UsageError
from grader.exports.sheet import Export, Per, Sheet
from grader.gradebook import Gradebook, Mark
from grader.plaintext import plain_line
from grader.platforms.tables import read_cells
from grader.policy import finals

FORMATS = {
    "csv": "spreadsheet",
    "canvas": "canvas",
    "moodle": "moodle",
    "nbgrader": "nbgrader",
    "gradescope": "gradescope",
    "json": "whole",
}
_FILLED_IN = ("canvas", "moodle")  # formats that take a platform's own table


def export(
    path: Path,
    course: Course,
    *,
    format_: str,
    per: Per = "exercise",
    roster: Path | None = None,
    assignment: str = "",
) -> Export:
    """What is in a gradebook, in a format.

    Args:
        path: the gradebook.
        course: whose policy, weights and pass mark count.
        format_: one of ``FORMATS``.
        per: whether each property gets columns of its own.
        roster: the platform's own table, to fill in.
        assignment: the platform's name for all exercises together.

    Raises:
        UsageError: it is no gradebook, or nobody is in it; or the table is none that can be filled in.
    """
    if roster is not None and format_ not in _FILLED_IN:
        raise UsageError(f"--roster is for --format {' and '.join(_FILLED_IN)}; {format_} needs no table.")
    if assignment and format_ != "canvas":
        raise UsageError("--assignment is for --format canvas; no other format names an assignment.")
    platform = None
    if roster is not None:
        cells = [row for _, row in read_cells(roster)]
        if not cells:
            raise UsageError(f"{roster} is empty: expected the table that the platform gives.")
        platform = (plain_line(roster.name), cells)
    with Gradebook(path, readonly=True) as book:
        marks = [mark if format_ == "json" else replace(mark, report={}) for mark in book.marks()]
    if not marks:
        raise UsageError(f"{path} holds no marks. They come from: grader cohort PATH --gradebook {path}")
    sheet = Sheet(
        finals=finals(marks, course.policy, weights=course.weights, pass_mark=course.pass_mark, exercises=course.names),
        marks=marks,
        due=course.policy.due,
        per=per,
        assignment=assignment,
        platform=platform,
    )
    exported = cast(Export, importlib.import_module(f"grader.exports.{FORMATS[format_]}").render(sheet))
    return replace(exported, notes=(*exported.notes, *_of_other_points(marks, course)))


def _of_other_points(marks: Iterable[Mark], course: Course) -> Iterator[str]:
    """What to tell where marks are from before an exercise got the points that it has now."""
    graded = {mark.exercise: mark.max_score for mark in marks}
    for name, points in course.points.items():
        if graded.get(name, points) != points:
            yield (
                f"{name} was graded with {graded[name]} points, and course.toml gives it {points} now: "
                "these are the marks from before. To grade again, start grader cohort once more."
            )
