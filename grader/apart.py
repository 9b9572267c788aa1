"""Laws judged by runs in processes of their own, where what earlier runs left behind makes later ones wrong.

A state that is kept in a global or in a class is one mistake. In a worker that runs one case after the other it makes
nearly every law fail, each for no reason of its own, and none of the cases shows it to who runs it alone. So one law
tells of it, by a case that is right at first and wrong when it is run again, and the others are judged apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.cases import Case
from grader.execution.traces import Trace, within_bounds
from grader.judging import Judge, Verdict
from grader.planning import Task
from grader.properties.base import Finding, Property
from grader.trial import Trial
from grader.workbench import judge_law, try_law

FIRST, AGAIN = "in a new process", "the same again"
_TASKS = 4  # of each law
_CANDIDATES = 3
_KEPT = (
    "Right in a new process, and wrong after other calls: something is kept between them, in a global, in the class, "
    "in a default argument or in a cache; or chance is at work."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Apart:
    """What came of it.

    Attributes:
        judge: of some tasks of each law, each run in a process of its own.
        told: the verdict that tells of what is kept; none where a law has been lost to that already.
    """

    judge: Judge
    told: Verdict | None

    def lost(self, failing: Mapping[str, Verdict]) -> dict[str, Verdict]:
        """Which of the laws that fail are lost, with the verdicts by which they are."""
        lost = {name: verdict for name, verdict in failing.items() if not self.judge.of(verdict.task.law)}
        lost |= self.judge.failing()
        if self.told is not None:
            lost[self.told.task.law.name] = self.told
        return {name: lost[name] for name in failing if name in lost}

    def tells(self, law: Property) -> bool:
        """Whether it is this law that tells of what is kept."""
        return self.told is not None and self.told.task.law is law

    def remark(self, law: Property) -> str:
        """What to tell of a law that holds, if it was judged apart."""
        if not self.judge.of(law):
            return ""
        counts = f"counts in “{self.told.task.law.name}”" if self.told is not None else "has cost another law"
        return f"Judged by runs in processes of their own; what is kept between calls {counts}."


def judge_apart(trial: Trial, tasks: Iterable[Task], kept: Sequence[Verdict]) -> Apart:
    """Judges tasks by runs in processes of their own.

    Args:
        trial: whose code it is.
        tasks: what failed; a few of each law are judged.
        kept: verdicts on one law, which is to tell of what is kept, the first of them surely by it; none where a law
            has been lost to that already.
    """
    part = trial.bench.with_plan(trial.bench.plan.only(tasks).sample(_TASKS))
    judge_ = part.judge()
    for key, trace in _alone(trial, part.plan.runs):
        judge_.add(key, trace)
    return Apart(judge=judge_, told=_told(trial, kept) if kept else None)


def try_alone(trial: Trial, law: Property, case: Case) -> Finding | None:
    """Judges a law on a case, each run in a process of its own."""
    return judge_law(trial.bench, law, case, lambda runs: dict(_alone(trial, runs)))


def try_twice(trial: Trial, law: Property, case: Case) -> Finding | None:
    """Judges a law on a case that is run twice in one process, where it is right at first."""
    with trial.session() as session:
        if try_law(trial.bench, session, law, case) is not None:
            return None
        again = try_law(trial.bench, session, law, case)
    return None if again is None else replace(again, message=f"{_KEPT} {again.message}", labels=(FIRST, AGAIN))


def is_random(trial: Trial, law: Property, case: Case) -> bool:
    """Whether a case breaks a law of other calls when all of its runs are the same and in processes of their own."""

    def same(runs: Mapping[str, Case]) -> Mapping[str, Trace]:
        return {key: trace for key in runs for _, trace in _alone(trial, {case.key: case})}

    return judge_law(trial.bench, law, case, same) is not None


def _alone(trial: Trial, runs: Mapping[str, Case]) -> Iterable[tuple[str, Trace]]:
    read = within_bounds(trial.bench.read, runs=len(runs))
    for key, case in runs.items():
        with trial.session() as session:
            (trace,) = session.run([case], read)
        yield key, trace


def _told(trial: Trial, kept: Sequence[Verdict]) -> Verdict:
    """The verdict that tells of it: if there is one, on a small case that fails when it is run twice."""
    surely = kept[0]
    if surely.task.law.of_other_calls:  # it says so itself
        return surely
    for verdict in sorted(kept, key=lambda each: len(each.task.case.key))[:_CANDIDATES]:
        finding = try_twice(trial, verdict.task.law, verdict.task.case)
        if finding is not None:
            return replace(verdict, finding=finding)
    assert surely.finding is not None
    return replace(surely, finding=replace(surely.finding, message=f"{_KEPT} {surely.finding.message}"))
