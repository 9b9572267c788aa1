"""Which misconception behaves like a failing submission, on the same cases.

A trace is taken apart into leaves: every tensor, number or container observed, and the exception that ended it. What
counts are the leaves on which the submission differs from the reference: does the misconception show the same there?
And the other way round: does the submission go wrong where the misconception does? Where none explains a submission
alone, several may do so together, each of which shows in it almost in full: students make more than one mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.execution.traces import Failure, ItemsValue, PlainValue, TableValue, Trace, Value
from grader.judging import Judge
from grader.properties.comparison import LENIENT, Strictness, differences
from grader.properties.equivalence import Equivalence
from grader.report import Diagnosis

if TYPE_CHECKING:
    from grader.course import Misconception

ENOUGH = 0.7  # of agreement, for a misconception to be named
_SAME_ERROR = 0.6  # what it is worth to end by the same exception with another text
_SAME_KIND = 0.6  # and to be wrong in the same way with other numbers, where these are random
_OWN_MISTAKES = 0.7  # weight of the submission's mistakes against those of the misconception
_MOST_NAMED = 3
_SHOWS = 0.8  # how much of a misconception must show in a submission for it to be one of several
_ADDS = 0.05  # and how much of the submission it must explain that the others don't
_START_OF_TEXT = 40  # of an exception, in characters: behind it come sizes and addresses

Leaf = tuple[str, str, int, tuple[int | str, ...]]  # case, observation, number, path


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrong:
    """A leaf that differs from the reference: in which way, what came, and how strictly it is looked at."""

    kind: str
    came: Value | Failure
    strictness: Strictness


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """How a piece of code behaves on a plan.

    Attributes:
        wrong: leaves of the drawn cases that differ from the reference.
        broken: the tasks that fail, as (property, case) pairs.
        any_numbers: whether other wrong numbers in the same places show the same mistake.
    """

    wrong: Mapping[Leaf, Wrong]
    broken: frozenset[tuple[str, int]]
    any_numbers: bool = False


def behaviour(judge: Judge, *, any_numbers: bool = False) -> Behaviour:
    """The behaviour that a judge has seen; it must have a reference."""
    assert judge.reference is not None
    plan = judge.plan
    laws = [law for law in plan.properties if isinstance(law, Equivalence)]
    strictness = {name: law.strictness for law in laws for name in law.of}
    wrong: dict[Leaf, Wrong] = {}
    for key in plan.base_keys:
        expected, got = judge.reference.trace(key, plan.runs[key]), judge.traces[key]
        if expected is got:  # the same bytes came
            continue
        for (name, number, path), each in _wrong_leaves(expected, got, strictness):
            wrong[key, name, number, path] = each
    broken = frozenset((v.task.law.name, v.task.case_index) for v in judge.verdicts if v.finding is not None)
    return Behaviour(wrong=wrong, broken=broken, any_numbers=any_numbers)


def diagnose(submission: Behaviour, known: Iterable[tuple[Misconception, Behaviour]]) -> tuple[Diagnosis, ...]:
    """The misconceptions that agree with the submission, best first; or those that explain it together."""
    all_known = list(known)
    agreements: dict[str, float] = {}
    by_name: dict[str, Misconception] = {}
    for misconception, theirs in all_known:
        by_name.setdefault(misconception.name, misconception)
        agreement = round(agreement_of(submission, theirs), 3)
        if agreement >= max(ENOUGH, agreements.get(misconception.name, 0.0)):
            agreements[misconception.name] = agreement
    agreements = agreements or _together(submission, all_known)
    found = [
        Diagnosis(
            misconception=name,
            title=by_name[name].title,
            explanation=by_name[name].explanation,
            hint=by_name[name].hint,
            agreement=agreement,
        )
        for name, agreement in agreements.items()
    ]
    return tuple(sorted(found, key=lambda each: -each.agreement)[:_MOST_NAMED])


def _together(ours: Behaviour, known: Iterable[tuple[Misconception, Behaviour]]) -> dict[str, float]:
    """Misconceptions that explain a submission only together, with the share of it that they explain."""
    parts = []
    for misconception, theirs in known:
        # where mistakes meet, the numbers are those of neither
        loosely = replace(theirs, any_numbers=True)
        alike = {leaf: _alike(wrong, loosely, leaf) for leaf, wrong in ours.wrong.items()}
        explained = frozenset(leaf for leaf, value in alike.items() if value), ours.broken & theirs.broken
        shows = sum(alike.values()), len(explained[1])
        if _mean_share(shows, (len(theirs.wrong), len(theirs.broken))) >= _SHOWS:
            parts.append((misconception.name, explained))
    leaves: frozenset[Leaf] = frozenset()
    tasks: frozenset[tuple[str, int]] = frozenset()
    named: list[str] = []
    share, all_of_it = 0.0, (len(ours.wrong), len(ours.broken))
    while parts:
        rated = [
            (_mean_share((len(leaves | more), len(tasks | also)), all_of_it), name, more, also)
            for name, (more, also) in parts
        ]
        best, name, more_leaves, more_tasks = max(rated, key=lambda each: each[0])
        if best - share < _ADDS:
            break
        share, leaves, tasks = best, leaves | more_leaves, tasks | more_tasks
        named.append(name)
    several = list(dict.fromkeys(named))
    return dict.fromkeys(several, round(share, 3)) if len(several) > 1 and share >= ENOUGH else {}


def _mean_share(some: tuple[float, float], all_: tuple[int, int]) -> float:
    """The mean of two shares; of one where there is nothing to have the other of."""
    shares = [part / whole for part, whole in zip(some, all_, strict=True) if whole]
    return sum(shares) / len(shares) if shares else 0.0


def agreement_of(ours: Behaviour, theirs: Behaviour) -> float:
    """From 0 to 1: the mean of how alike two behaviours are in values and in verdicts, where either has any."""
    shares = []
    if ours.wrong or theirs.wrong:
        alike = sum(_alike(wrong, theirs, leaf) for leaf, wrong in ours.wrong.items())
        shares.append(_share(alike, ours.wrong.keys(), theirs.wrong.keys()))
    if ours.broken or theirs.broken:
        shares.append(_share(len(ours.broken & theirs.broken), ours.broken, theirs.broken))
    return sum(shares) / len(shares) if shares else 0.0


def _share(alike: float, ours: Iterable[object], theirs: Iterable[object]) -> float:
    mine, others = set(ours), set(theirs)
    if not mine or not others:
        return 0.0
    return _OWN_MISTAKES * alike / len(mine) + (1 - _OWN_MISTAKES) * len(mine & others) / len(others)


def _alike(ours: Wrong, behaviour: Behaviour, leaf: Leaf) -> float:
    theirs = behaviour.wrong.get(leaf)
    if theirs is None or ours.kind != theirs.kind:
        return 0.0
    match ours.came, theirs.came:
        case Failure() as one, Failure() as other:
            if one.types[:1] != other.types[:1]:
                return 0.0
            return 1.0 if one.text[:_START_OF_TEXT] == other.text[:_START_OF_TEXT] else _SAME_ERROR
        case Failure(), _:
            return 0.0
        case _, Failure():
            return 0.0
        case one, other:
            if next(differences(one, other, strictness=ours.strictness), None) is None:
                return 1.0
            return _SAME_KIND if behaviour.any_numbers else 0.0


def _wrong_leaves(
    expected: Trace, got: Trace, strictness: Mapping[str, Strictness]
) -> Iterator[tuple[tuple[str, int, tuple[int | str, ...]], Wrong]]:
    """Leaves that differ, with the kind of difference and what came; behind an exception nothing is missed."""
    if got.failure is not None:
        yield ("ended by", 0, ()), Wrong(kind=got.failure.kind, came=got.failure, strictness=LENIENT)
    names = dict.fromkeys(name for moment in expected.moments for name in moment.values)
    for name in names:
        ours, theirs = expected.named(name), got.named(name)
        if len(ours) != len(theirs) and got.failure is None:
            yield (name, -1, ()), Wrong(kind="count", came=PlainValue(value=len(theirs)), strictness=LENIENT)
        for number, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            how = strictness.get(name, LENIENT)
            for difference in differences(one, other, strictness=how):
                came = _at(other, difference.path)
                yield (name, number, difference.path), Wrong(kind=difference.kind, came=came, strictness=how)


def _at(value: Value, path: tuple[int | str, ...]) -> Value:
    for part in path:
        match value, part:
            case ItemsValue(), int():
                value = value.items[part]
            case TableValue(), str():
                value = value.values[value.keys.index(part)]
    return value
