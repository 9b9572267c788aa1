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
from grader.precision import try_in_single_precision
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
        return {law.name: lost[law.name] for law in self.judge.plan.properties if law.name in lost}

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
    _try_in_single_precision(trial, judge_)
    return Apart(judge=judge_, told=_told(trial, kept) if kept else None)


def try_alone(trial: Trial, law: Property, case: Case, came: dict[str, Trace] | None = None) -> Finding | None:
    """Judges a law on a case, each run in a process of its own; those that ``came`` already holds are not run again."""
    came = {} if came is None else came

    def run(runs: Mapping[str, Case]) -> Mapping[str, Trace]:
        came.update(_alone(trial, {key: run for key, run in runs.items() if key not in came}))
        return came

    return judge_law(trial.bench, law, case, run)


def _try_in_single_precision(trial: Trial, judge: Judge) -> None:
    came = dict(judge.traces)

    def alone(law: Property, case: Case) -> tuple[Finding | None, Mapping[str, Trace]]:
        return try_alone(trial, law, case, came), came

    try_in_single_precision(judge, alone, alone=alone)
    if trial.bench.reference is not None:
        trial.bench.reference.close()


def try_together(trial: Trial, law: Property, case: Case) -> Finding | None:
    """Judges a law on a case by runs in one process, and then by the same again, where it is right by runs apart."""
    with trial.session() as session:
        once = try_law(trial.bench, session, law, case)
        again = try_law(trial.bench, session, law, case) if once is None else None
    if once is not None and try_alone(trial, law, case) is None:
        return _of_what_is_kept(once)
    return None if again is None else replace(_of_what_is_kept(again), labels=(FIRST, AGAIN))


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
    """The verdict that tells of it: if there is one, on a small case that fails when it is run again."""
    surely = kept[0]
    if surely.task.law.of_other_calls:  # it says so itself
        return surely
    for verdict in sorted(kept, key=lambda each: len(each.task.case.key))[:_CANDIDATES]:
        finding = try_together(trial, verdict.task.law, verdict.task.case)
        if finding is not None:
            return replace(verdict, finding=finding)
    assert surely.finding is not None
    return replace(surely, finding=_of_what_is_kept(surely.finding))


def _of_what_is_kept(finding: Finding) -> Finding:
    return replace(finding, message=f"{_KEPT} {finding.message}")
