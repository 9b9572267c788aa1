"""A CSV for people: a row a student, columns for each exercise, or each property too, and the sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from grader.exports.sheet import Export, Sheet, law_points, table
from grader.policy import Final, decimal

_Laws = Mapping[str, Iterable[str]]  # names of the properties that get columns, by exercise


def render(sheet: Sheet) -> Export:
    """Points are after the penalty for lateness; properties give raw points."""
    laws = {name: tuple(sheet.properties(name)) if sheet.per == "property" else () for name in sheet.exercises}
    return Export(text=table([_header(laws), *(_row(final, laws) for final in sheet.finals)]))


def _header(laws: _Laws) -> list[str]:
    columns = ["student", "name", "email"]
    for name in laws:
        columns += [f"{name}{what}" for what in ("", " max", " raw", " status", " attempt", " days late")]
        for law in laws[name]:
            columns += [f"{name}: {law}", f"{name}: {law} status"]
    return [*columns, "raw", "points", "max", "passed", "days late", "how", "to read"]


def _row(final: Final, laws: _Laws) -> Iterator[object]:
    yield from (final.student, final.name, final.email)
    for each in final.counted:
        yield decimal(each.points, each.max_points)
        yield from (decimal(each.max_points), decimal(each.raw), each.status)
        yield from (each.mark.attempt if each.mark else "", each.days_late)
        statuses = {law.name: law.status for law in each.mark.properties} if each.mark else {}
        for law in laws[each.exercise]:
            yield from (law_points(each, law), statuses.get(law, "missing"))
    yield from (decimal(final.raw), decimal(final.points, final.max_points), decimal(final.max_points))
    yield from ("yes" if final.passed else "no", final.days_late, final.how)
    yield ", ".join(dict.fromkeys(remark["what"] for remark in _remarks(final)))


def _remarks(final: Final) -> Iterator[Mapping[str, str]]:
    """What is for a person to read in all that counts; gradebooks of earlier versions have none."""
    for each in final.counted:
        yield from each.mark.report.get("remarks", ()) if each.mark else ()
