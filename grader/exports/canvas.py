"""The CSV that Canvas imports into its gradebook: a row a student, a column for each assignment.

Canvas finds students by ID, SIS User ID or SIS Login ID, and assignments by ``NAME (ID)``; the row of "Points Possible"
comes second (``lib/gradebook_importer.rb``). With the gradebook that Canvas exports, rows, ids and full names of
assignments are taken from there; without it the ids have to be Canvas's own, as they are in its submissions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.errors import UsageError
from grader.exports.matching import matched
from grader.exports.sheet import Export, Sheet, law_points, scaled, table
from grader.policy import Final, decimal

_OF_STUDENTS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_POINTS = "Points Possible"
_IDS = ("ID", "SIS User ID", "SIS Login ID")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Column:
    """One assignment: its name, what can be had in it here and in Canvas, and whose part of a final mark it is."""

    name: str
    most: Fraction
    canvas_most: Fraction
    exercise: str = ""
    law: str = ""

    def value(self, final: Final) -> str:
        """The points of a student; empty, which changes nothing in Canvas, where nothing was handed in."""
        if not self.exercise:
            return scaled(final.points, final.max_points, self.canvas_most)
        counted = next(each for each in final.counted if each.exercise == self.exercise)
        if counted.mark is None:
            return ""
        if self.law:
            return law_points(counted, self.law)
        return scaled(counted.points, Fraction(counted.max_points), self.canvas_most)


def render(sheet: Sheet) -> Export:
    """Points are after the penalty; with a name for all exercises together, the one column is the sum.

    Raises:
        UsageError: the table is no gradebook that Canvas exported.
    """
    if sheet.platform is None:
        columns = list(_columns(sheet))
        header = [*_OF_STUDENTS, *(column.name for column in columns)]
        most = [f"    {_POINTS}", "", "", "", "", *(decimal(column.canvas_most) for column in columns)]
        rows = [[*_identity(final), *(column.value(final) for column in columns)] for final in sheet.finals]
        return Export(
            text=table([header, most, *rows]),
            notes=(
                "Ids are taken for Canvas's own. If they are others, give the gradebook that Canvas exports: --roster.",
            ),
        )
    return _filled_in(sheet, *sheet.platform)


def _identity(final: Final) -> list[str]:
    """Numbers are ids of Canvas, addresses logins, anything else what the school calls them."""
    name, student = final.name or final.student, final.student
    if student.isascii() and student.isdigit():
        return [name, student, "", "", ""]
    return [name, "", "", student, ""] if "@" in student else [name, "", student, "", ""]


def _filled_in(sheet: Sheet, name: str, rows: list[list[str]]) -> Export:
    header = [cell.strip() for cell in rows[0]]
    if not {"Student", "ID"} <= set(header):
        raise UsageError(f"{name} is no gradebook of Canvas: expected the columns Student and ID in its first line.")
    points = next((row for row in rows[1:] if row[0].strip() == _POINTS), [])
    students = rows[rows.index(points) + 1 if points else 1 :]
    columns = list(_columns(sheet, header, points))
    kept = [column for column in _OF_STUDENTS if column in header]
    places = {column: header.index(column) for column in kept}
    keys = {at: [_at(row, places[each]) for each in _IDS if each in places] for at, row in enumerate(students)}
    by_row, notes = matched(sheet.finals, keys, name)
    most = [f"    {_POINTS}", *("" for _ in kept[1:]), *(decimal(column.canvas_most) for column in columns)]
    filled = [
        [*(_at(row, places[each]) for each in kept), *(column.value(by_row[at]) for column in columns)]
        for at, row in enumerate(students)
        if at in by_row
    ]
    told = [
        f"{column.name} has {decimal(column.canvas_most)} points in Canvas, and {decimal(column.most)} here; "
        "the points are brought to those of Canvas."
        for column in columns
        if column.canvas_most != column.most
    ]
    return Export(text=table([[*kept, *(column.name for column in columns)], most, *filled]), notes=(*notes, *told))


def _at(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _columns(sheet: Sheet, header: Sequence[str] = (), points: Sequence[str] = ()) -> Iterator[_Column]:
    if sheet.assignment:
        most = max((final.max_points for final in sheet.finals), default=Fraction(0))
        name, canvas_most = _in_canvas(sheet.assignment, most, header, points)
        yield _Column(name=name, most=most, canvas_most=canvas_most)
        return
    for exercise, most_points in sheet.most.items():
        name, canvas_most = _in_canvas(exercise, Fraction(most_points), header, points)
        yield _Column(name=name, most=Fraction(most_points), canvas_most=canvas_most, exercise=exercise)
        if sheet.per == "property":
            for law, most_of_law in sheet.properties(exercise).items():
                most = Fraction(most_of_law)
                yield _Column(name=f"{exercise}: {law}", most=most, canvas_most=most, exercise=exercise, law=law)


def _in_canvas(name: str, most: Fraction, header: Sequence[str], points: Sequence[str]) -> tuple[str, Fraction]:
    """An assignment's name with its number, and what can be had in it, where the gradebook of Canvas has it."""
    wanted = re.compile(rf"{re.escape(name)}( \(\d+\))?")
    place = next((at for at, each in enumerate(header) if wanted.fullmatch(each)), None)
    if place is None:
        return name, most
    told = _at(points, place).strip()
    return header[place], Fraction(told) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", told) and Fraction(told) else most
