"""Which misconception behaves like a failing submission, on the same cases.

A trace is taken apart into leaves: every tensor, number or container observed, and the exception that ended it. What
counts are the leaves on which the submission differs from the reference: does the misconception show the same there?
And the other way round: does the submission go wrong where the misconception does? Where none explains a submission
alone, several may do so together, each of which shows in it almost in full: students make more than one mistake.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.execution.traces import Failure, ItemsValue, PlainValue, TableValue, Trace, Value
from grader.judging import Judge
from grader.planning import Plan
from grader.properties.comparison import LENIENT, Strictness, differences
from grader.properties.equivalence import Equivalence
from grader.report import Diagnosis

if TYPE_CHECKING:
    from grader.course import Misconception

ENOUGH = 0.7  # of agreement, for a misconception to be named
_SAME_ERROR = 0.6  # what it is worth to end by the same exception with another text
_SAME_KIND = 0.6  # and to be wrong in the same way with other numbers, where these are random
_SAME_KIND_AMONG_OTHERS = 0.5  # the same for one mistake of several: where all of its numbers are others, it is not one
_OWN_MISTAKES = 0.7  # weight of the submission's mistakes against those of the misconception
_MOST_NAMED = 3
_SHOWS = 0.8  # how much of a misconception must show in a submission for it to be one of several
_ADDS = 0.05  # and how much of the submission it must explain that the others don't
_LIKELY = 0.35  # agreement on the first cases from which on a misconception may be the one
_FEW_CASES = 3  # of the first ones, in which a misconception may show and a submission not, and yet be the same
_ROUNDING = 0.0005  # of what a report says
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
        proving: the laws that show effort, by which a submission can be right where a misconception is not.
        any_numbers: whether other wrong numbers in the same places show the same mistake.
    """

    wrong: Mapping[Leaf, Wrong]
    broken: frozenset[tuple[str, int]]
    proving: frozenset[str] = frozenset()
    any_numbers: bool = False

    def __bool__(self) -> bool:
        return bool(self.wrong or self.broken)

    def is_right_where(self, other: Behaviour, *, in_any_law: bool = False) -> bool:
        """Whether it keeps a law of results, or any law, that another one breaks, in more than a few cases."""
        broken = Counter(law for law, _ in other.broken if in_any_law or law in other.proving)
        kept = broken.keys() - {law for law, _ in self.broken}
        return any(broken[law] > _FEW_CASES for law in kept)


def behaviour(judge: Judge, plan: Plan | None = None, *, any_numbers: bool = False) -> Behaviour:
    """The behaviour that a judge has seen, in all of its plan or in a part; it must have a reference."""
    assert judge.reference is not None
    plan = plan or judge.plan
    laws = [law for law in plan.properties if isinstance(law, Equivalence)]
    strictness = {name: law.strictness for law in laws for name in law.of}
    wrong: dict[Leaf, Wrong] = {}
    for key in plan.base_keys:
        expected, got = judge.reference.trace(key, plan.runs[key]), judge.traces[key]
        if expected is got:  # the same bytes came
            continue
        for (name, number, path), each in _wrong_leaves(expected, got, strictness):
            wrong[key, name, number, path] = each
    tasks = {(task.law.name, task.case_index) for task in plan.tasks}
    failing = {(each.task.law.name, each.task.case_index) for each in judge.verdicts if each.finding is not None}
    proving = frozenset(law.name for law in plan.properties if law.shows_effort)
    return Behaviour(wrong=wrong, broken=frozenset(failing & tasks), proving=proving, any_numbers=any_numbers)


def may_explain(ours: Behaviour, theirs: Behaviour) -> bool:
    """Whether a misconception may still turn out to explain a submission, by the first of their cases."""
    if not ours:
        return len({case for case, *_ in theirs.wrong}) <= _FEW_CASES
    return not theirs or agreement_of(ours, theirs, at_least=_LIKELY) > 0


def may_be_part(ours: Behaviour, theirs: Behaviour) -> bool:
    """As ``may_explain``, for one mistake among others."""
    return not theirs or _shown(ours, theirs).share >= _LIKELY


def diagnose(
    submission: Behaviour, known: Iterable[tuple[Misconception, Behaviour]], *, at_least: float = ENOUGH
) -> tuple[Diagnosis, ...]:
    """The misconceptions that agree with the submission, best first.

    One that breaks a law which the submission keeps is named only where it agrees better than all that don't.
    """
    agreeing: dict[str, tuple[Misconception, float, bool]] = {}  # and whether the submission keeps a law that it breaks
    for misconception, theirs in known:
        if submission.is_right_where(theirs):
            continue
        _, best_yet, _ = agreeing.get(misconception.name, (None, 0.0, False))
        agreement = agreement_of(submission, theirs, at_least=max(at_least, best_yet))
        if agreement > best_yet:
            doubtful = submission.is_right_where(theirs, in_any_law=True)
            agreeing[misconception.name] = misconception, agreement, doubtful
    surest = max((agreement for _, agreement, doubtful in agreeing.values() if not doubtful), default=0.0)
    fitting = [each for each in agreeing.values() if not each[2] or each[1] > surest]
    ranked = sorted(fitting, key=lambda each: -each[1])[:_MOST_NAMED]
    return tuple(_named(misconception, agreement) for misconception, agreement, _ in ranked)


def diagnose_together(submission: Behaviour, known: Iterable[tuple[Misconception, Behaviour]]) -> tuple[Diagnosis, ...]:
    """The misconceptions that explain a submission only together, with the share of it that they explain."""
    may_be = ((misconception, theirs) for misconception, theirs in known if not submission.is_right_where(theirs))
    parts = [(misconception, _shown(submission, theirs)) for misconception, theirs in may_be]
    parts = [(misconception, shown) for misconception, shown in parts if shown.share >= _SHOWS]
    leaves: frozenset[Leaf] = frozenset()
    tasks: frozenset[tuple[str, int]] = frozenset()
    named: dict[str, Misconception] = {}
    share, all_of_it = 0.0, (len(submission.wrong), len(submission.broken))
    while parts:
        rated = [
            (_mean_share((len(leaves | shown.leaves), len(tasks | shown.tasks)), all_of_it), misconception, shown)
            for misconception, shown in parts
        ]
        best, misconception, shown = max(rated, key=lambda each: each[0])
        if best - share < _ADDS:
            break
        share, leaves, tasks = best, leaves | shown.leaves, tasks | shown.tasks
        named.setdefault(misconception.name, misconception)
    if len(named) < 2 or share < ENOUGH:
        return ()
    return tuple(_named(misconception, share) for misconception in named.values())[:_MOST_NAMED]


def _named(misconception: Misconception, agreement: float) -> Diagnosis:
    return Diagnosis(
        misconception=misconception.name,
        title=misconception.title,
        explanation=misconception.explanation,
        hint=misconception.hint,
        agreement=round(agreement, 3),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shown:
    """What of a misconception shows in a submission, where numbers may be others: mistakes that meet change them."""

    leaves: frozenset[Leaf]
    tasks: frozenset[tuple[str, int]]
    share: float


def _shown(ours: Behaviour, theirs: Behaviour) -> _Shown:
    both = [leaf for leaf in theirs.wrong if leaf in ours.wrong]
    alike = {leaf: _alike(ours.wrong[leaf], theirs.wrong[leaf], _SAME_KIND_AMONG_OTHERS) for leaf in both}
    tasks = ours.broken & theirs.broken
    return _Shown(
        leaves=frozenset(leaf for leaf, value in alike.items() if value),
        tasks=tasks,
        share=_mean_share((sum(alike.values()), len(tasks)), (len(theirs.wrong), len(theirs.broken))),
    )


def _mean_share(some: tuple[float, float], all_: tuple[int, int]) -> float:
    """The mean of two shares; of one where there is nothing to have the other of."""
    shares = [part / whole for part, whole in zip(some, all_, strict=True) if whole]
    return sum(shares) / len(shares) if shares else 0.0


def agreement_of(ours: Behaviour, theirs: Behaviour, *, at_least: float = 0.0) -> float:
    """From 0 to 1: the mean of how alike two behaviours are in values and in verdicts, where either has any.

    An agreement below ``at_least`` is given as 0, as soon as it is sure.
    """
    leaves = [leaf for leaf in ours.wrong if leaf in theirs.wrong]
    verdicts = []
    if ours.broken or theirs.broken:
        both = len(ours.broken & theirs.broken)
        verdicts.append(_share(both, both, len(ours.broken), len(theirs.broken)))

    def agreement(alike: float) -> float:
        shares = list(verdicts)
        if ours.wrong or theirs.wrong:
            shares.append(_share(alike, len(leaves), len(ours.wrong), len(theirs.wrong)))
        return sum(shares) / len(shares) if shares else 0.0

    at_least -= _ROUNDING
    other_numbers = _SAME_KIND if theirs.any_numbers else 0.0
    alike = float(len(leaves))  # at most
    for leaf in leaves:
        if agreement(alike) < at_least:
            break
        alike += _alike(ours.wrong[leaf], theirs.wrong[leaf], other_numbers) - 1
    found = agreement(alike)
    return found if found >= at_least else 0.0


def _share(alike: float, both: int, ours: int, theirs: int) -> float:
    return _OWN_MISTAKES * alike / ours + (1 - _OWN_MISTAKES) * both / theirs if ours and theirs else 0.0


def _alike(ours: Wrong, theirs: Wrong, other_numbers: float) -> float:
    """From 0 to 1; ``other_numbers`` is what it is worth to be wrong in the same way with other numbers."""
    if ours.kind != theirs.kind:
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
            return other_numbers


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
