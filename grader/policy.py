"""From raw marks to final ones: which attempt counts, what lateness costs, what is dropped, what weighs how much.

Pure functions over exact fractions: a gradebook keeps raw marks only, and a policy is applied when they are exported.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.gradebook import Mark

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """The table ``[policy]`` of ``course.toml``; without it, the best attempt counts and lateness costs nothing.

    Attributes:
        due: until when to hand in, with its zone.
        late_penalty_per_day: share of an exercise's points that each day late costs; days that have begun count.
        late_penalty_at_most: share of an exercise's points that lateness costs at most.
        late_days_at_most: what comes later than that gets no points; any number of days, where it is ``None``.
        attempts: which attempt counts, in each exercise: the best, after penalties, or the last.
        drop_lowest: how many exercises are left out, those with the lowest share of their points.
    """

    due: datetime | None = None
    late_penalty_per_day: Fraction = Fraction(0)
    late_penalty_at_most: Fraction = Fraction(1)
    late_days_at_most: int | None = None
    attempts: Literal["best", "last"] = "best"
    drop_lowest: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """One exercise of a student as it counts.

    Attributes:
        exercise: its name.
        mark: the attempt that counts; ``None`` where nothing was handed in.
        attempts: how many there were.
        max_points: what could be had.
        days_late: days that have begun since it was due.
        penalty: points that lateness costs.
        points: what is left.
        weight: how much the points count in the sum.
        dropped: whether it is left out of the sum.
    """

    exercise: str
    mark: Mark | None
    attempts: int
    max_points: int
    days_late: int
    penalty: Fraction
    points: Fraction
    weight: Fraction
    dropped: bool = False

    @property
    def raw(self) -> int:
        """Points before the penalty."""
        return self.mark.score if self.mark else 0

    @property
    def status(self) -> str:
        """The status of the attempt that counts."""
        return self.mark.status if self.mark else "missing"

    @property
    def share(self) -> Fraction:
        """Points as a share of what could be had."""
        return self.points / self.max_points if self.max_points else Fraction(1)

    @property
    def how(self) -> str:
        """How the points came about, in words."""
        words = f"{self.exercise}: {self.raw} of {self.max_points}"
        if self.mark is None:
            words += ", nothing handed in"
        elif self.attempts > 1:
            words += f", attempt {self.mark.attempt} of {self.attempts}"
        if self.days_late:
            words += f", {self.days_late} day{'s' * (self.days_late > 1)} late"
            words += f": -{decimal(self.penalty)}" if self.penalty else ""
            words += " (by the platform's mark)" if self.mark and self.mark.handed_in is None else ""
        if self.weight != 1:
            words += f", counts {decimal(self.weight)} times"
        return words + (", dropped" if self.dropped else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Final:
    """What a student has in the end; ``points`` and ``max_points`` are sums with weights, without what is dropped."""

    student: str
    name: str
    email: str
    counted: tuple[Counted, ...]
    points: Fraction
    max_points: Fraction
    passed: bool

    @property
    def raw(self) -> int:
        """Points of what counts, before penalties, weights and drops."""
        return sum(each.raw for each in self.counted)

    @property
    def days_late(self) -> int:
        """Of the latest exercise that counts."""
        return max((each.days_late for each in self.counted), default=0)

    @property
    def how(self) -> str:
        """How the sum came about, in words."""
        total = f"in all {decimal(self.points, self.max_points)} of {decimal(self.max_points)}"
        return "; ".join([*(each.how for each in self.counted), total])


def read_policy(path: Path, table: object) -> Policy:
    """The policy that a table of ``course.toml`` says.

    Raises:
        UsageError: it says something else.
    """

    def check(name: str, expected: str, right: bool) -> None:
        if not right:
            raise UsageError(f"{path}: {name} in [policy] must be {expected}, got {values[name]!r}.")

    if not isinstance(table, Mapping):
        raise UsageError(f"{path}: policy must be a table, [policy], got {table!r}.")
    values = dict(table)
    known = [each.name for each in fields(Policy)]
    if unknown := values.keys() - known:
        raise UsageError(
            f"{path}: no such entry in [policy]: {', '.join(sorted(unknown))} (there are {', '.join(known)})."
        )
    if "due" in values:
        due = values["due"]
        zoned = isinstance(due, datetime) and due.tzinfo is not None
        check("due", "a date and time with its zone, such as 2026-11-21T23:59:00+01:00", zoned)
    for name in ("late_penalty_per_day", "late_penalty_at_most"):
        if name in values:
            value = values[name]
            right = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
            check(name, "a number from 0 to 1", right)
            values[name] = Fraction(str(value))
    for name in ("late_days_at_most", "drop_lowest"):
        if name in values:
            value = values[name]
            check(name, "a whole number, at least 0", type(value) is int and value >= 0)
    if "attempts" in values:
        check("attempts", '"best" or "last"', values["attempts"] in ("best", "last"))
    return Policy(**values)


def decimal(points: Fraction | int, most: Fraction | int | None = None) -> str:
    """Points with two digits; what is less than the most that could be had never looks like it."""
    cents = round(points * 100)
    if most is not None and points < most and cents >= most * 100:
        cents = math.ceil(most * 100) - 1
    return f"{cents // 100}.{cents % 100:02}"


def days_late(mark: Mark, policy: Policy) -> int:
    """Days that have begun since a mark's attempt was due.

    What the platform says comes first, for it knows of extensions: what is not late there is not late, and what is late
    there is a day late at least, also where no time is told.
    """
    if mark.late is False:
        return 0
    days = 0
    if policy.due is not None and mark.handed_in is not None:
        days = max(0, math.ceil((mark.handed_in - policy.due) / _DAY))
    return max(days, 1) if mark.late else days


def finals(
    marks: Iterable[Mark],
    policy: Policy,
    *,
    weights: Mapping[str, Fraction],
    pass_mark: float,
    exercises: Sequence[str] = (),
) -> list[Final]:
    """What all students have in the end, in the order of their ids.

    Args:
        marks: of all students, exercises and attempts, in any order.
        policy: what is applied.
        weights: of exercises; 1 for those that are not in it.
        pass_mark: share of the points that passes.
        exercises: their order; those of which there are no marks are left out, others come last.
    """
    by_student: dict[str, dict[str, list[Mark]]] = {}
    most: dict[str, int] = {}
    for mark in marks:
        by_student.setdefault(mark.student, {}).setdefault(mark.exercise, []).append(mark)
        most[mark.exercise] = max(mark.max_score, most.get(mark.exercise, 0))
    order = [*(name for name in exercises if name in most), *sorted(most.keys() - set(exercises))]
    done = []
    for student, attempts in sorted(by_student.items()):
        counted = [
            _counted(name, attempts.get(name, []), most[name], weights.get(name, Fraction(1)), policy) for name in order
        ]
        all_marks = [mark for of_exercise in attempts.values() for mark in of_exercise]
        done.append(_final(student, all_marks, _without_lowest(counted, policy.drop_lowest), pass_mark))
    return done


def _counted(exercise: str, marks: list[Mark], most: int, weight: Fraction, policy: Policy) -> Counted:
    if not marks:
        return Counted(
            exercise=exercise,
            mark=None,
            attempts=0,
            max_points=most,
            days_late=0,
            penalty=Fraction(0),
            points=Fraction(0),
            weight=weight,
        )
    attempts = [_attempt(mark, len(marks), weight, policy) for mark in sorted(marks, key=when_met)]
    if policy.attempts == "last":
        return attempts[-1]
    return max(attempts, key=lambda each: each.share)  # of equals the first


def when_met(mark: Mark) -> tuple[int, int]:
    """What orders attempts: one that was met again, after others, is what the student came back to."""
    return mark.last_run, mark.attempt


def _attempt(mark: Mark, attempts: int, weight: Fraction, policy: Policy) -> Counted:
    days = days_late(mark, policy)
    share = min(days * policy.late_penalty_per_day, policy.late_penalty_at_most)
    if policy.late_days_at_most is not None and days > policy.late_days_at_most:
        share = Fraction(1)
    penalty = min(share * mark.max_score, Fraction(mark.score))
    return Counted(
        exercise=mark.exercise,
        mark=mark,
        attempts=attempts,
        max_points=mark.max_score,
        days_late=days,
        penalty=penalty,
        points=mark.score - penalty,
        weight=weight,
    )


def _without_lowest(counted: list[Counted], drop: int) -> tuple[Counted, ...]:
    """All of them, the lowest marked as dropped; one at least stays."""
    lowest = sorted(counted, key=lambda each: (each.share, -each.weight * each.max_points))
    dropped = {each.exercise for each in lowest[: min(drop, len(counted) - 1)]}
    return tuple(replace(each, dropped=True) if each.exercise in dropped else each for each in counted)


def _final(student: str, marks: Iterable[Mark], counted: tuple[Counted, ...], pass_mark: float) -> Final:
    kept = [each for each in counted if not each.dropped]
    points = sum((each.weight * each.points for each in kept), Fraction(0))
    most = sum((each.weight * each.max_points for each in kept), Fraction(0))
    last = max(marks, key=when_met)  # names and addresses may have been mended meanwhile
    return Final(
        student=student,
        name=last.name,
        email=last.email,
        counted=counted,
        points=points,
        max_points=most,
        passed=points >= Fraction(str(pass_mark)) * most,
    )
