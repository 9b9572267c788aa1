"""A CSV for people: a row a student, columns for each exercise, or each property too, and the sum."""

from __future__ import annotations

from collections.abc import Iterator

from grader.exports.sheet import Export, Sheet, law_points, table
from grader.policy import Final, decimal


def render(sheet: Sheet) -> Export:
    """Points are after the penalty for lateness; properties give raw points."""
    return Export(text=table([_header(sheet), *(_row(sheet, final) for final in sheet.finals)]))


def _header(sheet: Sheet) -> list[str]:
    columns = ["student", "name", "email"]
    for name in sheet.exercises:
        columns += [f"{name}{what}" for what in ("", " max", " raw", " status", " attempt", " days late")]
        if sheet.per == "property":
            for law in sheet.properties(name):
                columns += [f"{name}: {law}", f"{name}: {law} status"]
    return [*columns, "raw", "points", "max", "passed", "days late", "how"]


def _row(sheet: Sheet, final: Final) -> Iterator[object]:
    yield from (final.student, final.name, final.email)
    for each in final.counted:
        yield decimal(each.points, each.max_points)
        yield from (decimal(each.max_points), decimal(each.raw), each.status)
        yield from (each.mark.attempt if each.mark else "", each.days_late)
        if sheet.per == "property":
            statuses = {law.name: law.status for law in each.mark.properties} if each.mark else {}
            for law in sheet.properties(each.exercise):
                yield from (law_points(each, law), statuses.get(law, "missing"))
    yield from (decimal(final.raw), decimal(final.points, final.max_points), decimal(final.max_points))
    yield from ("yes" if final.passed else "no", final.days_late, final.how)
