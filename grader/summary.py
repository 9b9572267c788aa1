"""What a teacher wants to know of a cohort at a glance: how the marks lie, what failed most, what was misunderstood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.gradebook import Mark
from grader.plaintext import plain_line
from grader.policy import when_met
from grader.report import TIE

_STEPS = 10  # of the distribution
_BAR = 30  # characters of the longest bar
_MOST = 8  # laws, misconceptions and students that are named
_LINE = 160  # characters


@dataclass(kw_only=True, slots=True)
class Summary:
    """Of the marks of a cohort's exercises, each student with the last attempt.

    Attributes:
        students: how many.
        shares: how many students have a share of the points, in tenths; those with all of them are counted apart, last.
        missing: how many marks are for what was not handed in.
        not_run: what could not be run: students, exercises and reasons.
        laws: how many marks break a law, by exercise and law.
        misconceptions: how many marks show one, by exercise and title.
        to_read: students in whose code something is for a person to read, each with what that is.
    """

    students: int = 0
    shares: list[int] = field(default_factory=lambda: [0] * (_STEPS + 1))
    marks: int = 0
    missing: int = 0
    not_run: list[tuple[str, str, str]] = field(default_factory=list)
    laws: Counter[tuple[str, str]] = field(default_factory=Counter)
    misconceptions: Counter[tuple[str, str]] = field(default_factory=Counter)
    to_read: dict[str, dict[str, None]] = field(default_factory=dict)


def summarise(marks: Iterable[Mark], exercises: Sequence[str]) -> Summary:
    """The summary of what counts of some exercises."""
    last: dict[tuple[str, str], tuple[tuple[int, int], int, int]] = {}
    told: dict[tuple[str, str], Mark] = {}
    for mark in marks:
        place = (mark.student, mark.exercise)
        when = when_met(mark)
        if mark.exercise in exercises and (place not in last or when >= last[place][0]):
            last[place] = when, mark.score, mark.max_score
            told[place] = mark
    summary = Summary(marks=len(told))
    totals: dict[str, list[int]] = {}
    for (student, _), (_, score, most) in last.items():
        total = totals.setdefault(student, [0, 0])
        total[0] += score
        total[1] += most
    summary.students = len(totals)
    for score, most in totals.values():
        summary.shares[score * _STEPS // most if most else _STEPS] += 1
    for mark in told.values():
        if mark.status == "missing":
            summary.missing += 1
        elif mark.status == "error" and mark.message:
            summary.not_run.append((mark.student, mark.exercise, mark.message))
        else:
            summary.laws.update((mark.exercise, law.name) for law in mark.properties if law.status == "failed")
        summary.misconceptions.update((mark.exercise, title) for title in _titles(mark.report["diagnosis"]))
        for remark in mark.report.get("remarks", ()):  # gradebooks of earlier versions have none
            summary.to_read.setdefault(mark.student, {})[remark["what"]] = None
    return summary


def lines(summary: Summary) -> Iterator[str]:
    """The summary in words."""
    yield f"{summary.students} students, {summary.marks} marks"
    yield f"  {summary.missing} of them for what was not handed in"
    yield f"  {len(summary.not_run)} of them for code that could not be run"
    for student, exercise, message in sorted(summary.not_run)[:_MOST]:
        yield plain_line(f"    {student}, {exercise}: {message}", _LINE)
    if (more := len(summary.not_run) - _MOST) > 0:
        yield f"    and {more} more; grader export --format json has every reason"
    yield ""
    yield "Points of all that can be had:"
    longest = max(summary.shares) or 1
    for step, count in enumerate(summary.shares):
        share = "all" if step == _STEPS else f"{step * 10} to {step * 10 + 9}%"
        bar = "█" * -(-count * _BAR // longest)
        yield f"  {share:>10}  {count:>5}  {bar}".rstrip()
    yield from _most("Laws broken most:", summary.laws)
    yield from _most("Misunderstood most:", summary.misconceptions)
    if summary.to_read:
        yield ""
        yield f"To be read by a person, for they use what no exercise needs: {len(summary.to_read)} students"
        for student, what in sorted(summary.to_read.items())[:_MOST]:
            yield plain_line(f"    {student}: {', '.join(what)}", _LINE)
        if (more := len(summary.to_read) - _MOST) > 0:
            yield f"    and {more} more; grader export --format csv has all, json the lines"


def _titles(diagnosis: Sequence[Mapping[str, Any]]) -> list[str]:
    """Titles of the misconceptions between which agreement does not decide."""
    return [each["title"] for each in diagnosis if each["agreement"] >= diagnosis[0]["agreement"] - TIE]


def _most(title: str, counted: Counter[tuple[str, str]]) -> Iterator[str]:
    if counted:
        yield ""
        yield title
        for (exercise, what), count in sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:_MOST]:
            yield f"  {count:>5}  {exercise}: {what}"
