"""Which misconception behaves like a failing submission, on the same cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.execution.traces import Trace
from grader.judging import Judge
from grader.properties.comparison import LENIENT, Strictness, differences
from grader.properties.equivalence import Equivalence
from grader.report import Diagnosis

if TYPE_CHECKING:
    from grader.course import Misconception
    from grader.planning import Plan

ENOUGH = 0.75  # of agreement, for a misconception to be named
_MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """How a piece of code behaves on a plan.

    Attributes:
        traces: of the drawn cases as they are, by key.
        broken: the tasks that fail, as (property, case) pairs.
    """

    traces: Mapping[str, Trace]
    broken: frozenset[tuple[str, int]]


def behaviour(judge: Judge) -> Behaviour:
    """The behaviour that a judge has seen."""
    broken = frozenset((v.task.law.name, v.task.case_index) for v in judge.verdicts if v.finding is not None)
    return Behaviour(traces={key: judge.traces[key] for key in judge.plan.base_keys}, broken=broken)


def diagnose(
    plan: Plan,
    submission: Behaviour,
    reference: Mapping[str, Trace],
    known: Iterable[tuple[Misconception, Behaviour]],
) -> tuple[Diagnosis, ...]:
    """The misconceptions that agree with the submission where one of the two differs from the reference, best first.

    Agreement is the mean of two shares: among the cases on which the submission or the misconception differs from
    the reference, those on which the two are the same; among the verdicts that are broken for one of them, those
    broken for both.
    """
    strictness = _strictness(plan)
    wrong = {key for key, trace in submission.traces.items() if not same(trace, reference[key], strictness)}
    found = []
    for misconception, theirs in known:
        agreement = _agreement(submission, theirs, reference, wrong, strictness)
        if agreement >= ENOUGH:
            found.append(
                Diagnosis(
                    misconception=misconception.name,
                    title=misconception.title,
                    explanation=misconception.explanation,
                    hint=misconception.hint,
                    agreement=round(agreement, 3),
                )
            )
    found.sort(key=lambda each: -each.agreement)
    return tuple(found[:_MOST_NAMED])


def _agreement(
    ours: Behaviour,
    theirs: Behaviour,
    reference: Mapping[str, Trace],
    wrong: set[str],
    strictness: Mapping[str, Strictness],
) -> float:
    shares = []
    telling = wrong | {key for key, trace in theirs.traces.items() if not same(trace, reference[key], strictness)}
    if telling:
        alike = sum(same(ours.traces[key], theirs.traces[key], strictness) for key in telling)
        shares.append(alike / len(telling))
    if either := ours.broken | theirs.broken:
        shares.append(len(ours.broken & theirs.broken) / len(either))
    return sum(shares) / len(shares) if shares else 0.0


def same(one: Trace, other: Trace, strictness: Mapping[str, Strictness]) -> bool:
    """Whether two traces show the same: the same kind of failure, and the same values under every name."""
    if (one.failure is None) != (other.failure is None):
        return False
    if one.failure is not None and other.failure is not None:
        if one.failure.kind != other.failure.kind or one.failure.types[:1] != other.failure.types[:1]:
            return False
    names = dict.fromkeys(name for trace in (one, other) for moment in trace.moments for name in moment.values)
    for name in names:
        ours, theirs = one.named(name), other.named(name)
        if len(ours) != len(theirs):
            return False
        how = strictness.get(name, LENIENT)
        if any(next(differences(a, b, strictness=how), None) for a, b in zip(ours, theirs, strict=True)):
            return False
    return True


def _strictness(plan: Plan) -> dict[str, Strictness]:
    laws: Sequence[Equivalence] = [law for law in plan.properties if isinstance(law, Equivalence)]
    return {name: law.strictness for law in laws for name in law.of}
