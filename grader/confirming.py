"""What of a judge's verdicts stands: what fails is tried again, alone, and then among all other runs.

What fails alone in a fresh worker is lost. What does not is run twice more with all the others: if it never fails again
it is unstable, and not held against anybody; if it does, other runs are to blame, and laws are judged ``apart``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.apart import Apart, is_random, judge_apart, try_alone
from grader.execution.session import Session
from grader.execution.traces import Trace
from grader.judging import Judge, Verdict
from grader.planning import Task
from grader.properties.base import Property
from grader.properties.comparison import LENIENT
from grader.properties.equivalence import compare_named
from grader.trial import Trial
from grader.workbench import try_law

_CUT_OFF = ("timeout", "not_run")


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed:
    """What stands.

    Attributes:
        lost: the laws that are lost, each with the verdict by which it is.
        unstable: names of laws that failed and did not fail again.
        again: judges of the whole runs that were made to find out.
        apart: how laws were judged for which other runs make a difference.
    """

    lost: Mapping[str, Verdict]
    unstable: frozenset[str] = frozenset()
    again: tuple[Judge, ...] = ()
    apart: Apart | None = None

    def shows_effort(self, trial: Trial) -> bool:
        """Whether any case that proves something came out right.

        What is doubted is credited for what later runs showed, so it is their effort that counts.
        """
        if self.apart is not None and self.apart.judge.shows_effort():
            return True
        later = self.again if trial.budget.left > 0 else ()  # else it may be what there was no time for
        return all(each.shows_effort() for each in later or [trial.judge])

    def judge(self, trial: Trial, law: Property) -> Judge:
        """Whose verdict it is by which a law is lost or not."""
        if self.apart is None or self.apart.tells(law) or not self.apart.judge.of(law):
            return trial.judge
        return self.apart.judge

    def remark(self, law: Property) -> str:
        """What to tell of a law that holds, if it was judged apart."""
        return self.apart.remark(law) if self.apart is not None else ""


def confirm(trial: Trial, failing: Mapping[str, Verdict]) -> Confirmed:
    """Tries again what fails.

    Where later runs break a law that was kept at first, there is no doubt about any: code that breaks one law now and
    another one later would earn the points of both. What hangs is confirmed by one run of it, and is no part of the
    whole runs. Where the time runs out in these, what it cut off says nothing, and what was cut off in both stays as it
    was: code that is slow on purpose would earn by it.
    """
    if not failing:
        return Confirmed(lost=failing)
    trial.progress("confirming what failed")
    tried_alone = _tried_alone(trial, failing)
    suspects = tried_alone.doubtful or tried_alone.later
    # which counts at once, whenever it comes
    violent = any(trace.ended_by("tampered", "died", "broken") for trace in trial.judge.traces.values())
    if not suspects and violent:
        return Confirmed(lost=failing)
    if not suspects:
        told = any(law.of_other_calls and law.name in trial.judge.lost for law in trial.bench.plan.properties)
        by_itself = told or any(not is_random(trial, each.task.law, each.task.case) for each in _that_tell(failing))
        apart = _apart(trial, failing, []) if by_itself and trial.budget.left > 0 else None
        return Confirmed(lost=apart.lost(failing) if apart else failing, apart=apart)
    later = _whole_runs(trial, without_unfinished=tried_alone.hangs)
    cut_off = trial.budget.left <= 0
    broken = {
        (verdict.task.law.name, verdict.task.case_index)
        for each in later
        for law in each.plan.properties
        for verdict in each.held_against(law)
        if not (cut_off and _is_unfinished(each, verdict.task))
    }
    tried = {
        verdict.task.law.name
        for each in later
        for verdict in each.verdicts
        if _is_of(verdict, failing) and not _is_unfinished(each, verdict.task)
    }
    again = {law for law, _ in broken}
    doubtful = {each.task.law.name for each in tried_alone.doubtful}
    unstable = frozenset((doubtful & tried) - again if again <= failing.keys() else ())
    lost = {name: verdict for name, verdict in failing.items() if name not in unstable}
    among_others = [
        each
        for each in suspects
        if (each.task.law.name, each.task.case_index) in broken and not _is_unfinished(trial.judge, each.task)
    ]
    apart = _apart(trial, lost, among_others) if among_others and not cut_off and not violent else None
    return Confirmed(lost=apart.lost(lost) if apart else lost, unstable=unstable, again=later, apart=apart)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tried:
    """What came of verdicts in fresh workers.

    Attributes:
        doubtful: those that were not confirmed.
        later: where all are, others of the same laws that are not.
        hangs: whether anything hangs there, too.
    """

    doubtful: list[Verdict]
    later: list[Verdict]
    hangs: bool


def _tried_alone(trial: Trial, failing: Mapping[str, Verdict]) -> _Tried:
    """Tries again what fails.

    One worker makes all the runs. Only where one of them is not what it was at first, because others or chance make a
    difference, each is made once more in a process of its own.
    """
    judge, came = trial.judge, dict[str, Trace]()  # laws that fail on the same case share its run, which may hang
    with trial.session() as session:
        hangs = _hangs_again(trial, session, came)
        again = [  # of what tampers or hangs, once is enough
            each
            for each in failing.values()
            if not judge.ended(each.task, "tampered") and not (hangs and _is_unfinished(judge, each.task))
        ]
        last = [judge.held_against(each.task.law)[-1] for each in again[:1]]
        last = [each for each in last if each not in again and not judge.ended(each.task, *_CUT_OFF, "tampered")]
        doubtful, later = (
            [each for each in some if try_law(trial.bench, session, each.task.law, each.task.case, came) is None]
            for some in (again, last)
        )
    if any(_differ(trial, trace, judge.traces[key]) for key, trace in came.items()):
        came = {}
        doubtful, later = (
            [each for each in some if try_alone(trial, each.task.law, each.task.case, came) is None]
            for some in (again, last)
        )
    return _Tried(doubtful=doubtful, later=later, hangs=hangs)


def _differ(trial: Trial, one: Trace, other: Trace) -> bool:
    """Whether two traces of one run ended in different ways, or show different values."""
    if one.failure != other.failure or len(one.moments) != len(other.moments):
        return True
    axes = trial.bench.exercise.declared.axes
    names = {name: None for trace in (one, other) for moment in trace.moments for name in moment.values}
    return any(
        len(one.named(name)) != len(other.named(name))
        or compare_named(name, list(zip(one.named(name), other.named(name), strict=True)), axes, LENIENT) is not None
        for name in names
    )


def _whole_runs(trial: Trial, *, without_unfinished: bool) -> tuple[Judge, ...]:
    bench, first, later = trial.bench, trial.judge, []
    if without_unfinished:
        finished = (task for task in bench.plan.tasks if not _is_unfinished(first, task))
        bench = bench.with_plan(bench.plan.only(finished))
    for _ in range(2):
        if trial.budget.left > 0:
            later.append(trial.run_again(bench))
    return tuple(later)


def _apart(trial: Trial, lost: Mapping[str, Verdict], among_others: list[Verdict]) -> Apart:
    """The laws that are lost, judged apart; one of them tells of what is kept, as some do by themselves."""
    trial.progress("running cases apart")
    judge = trial.judge
    tasks = (
        each.task
        for each in judge.verdicts
        if each.finding is not None
        and each.task.law.name in lost
        and not each.task.law.of_other_calls
        and trial.bench.plan.runs.keys() >= set(each.task.runs.values())  # what was tried besides is no part of it
        and not _is_unfinished(judge, each.task)
    )
    if judge.lost:
        return judge_apart(trial, tasks, [])
    surely = (_that_tell(lost) or among_others)[0]
    others = (each for each in judge.held_against(surely.task.law) if not _is_unfinished(judge, each.task))
    return judge_apart(trial, tasks, [surely, *others])


def _that_tell(lost: Mapping[str, Verdict]) -> list[Verdict]:
    """Verdicts that tell by themselves that a run is changed by others: both came to an end, with other results."""
    by_law = (each for each in lost.values() if each.task.law.of_other_calls)
    return [each for each in by_law if each.finding is not None and len(each.finding.labels) > 1]


def _hangs_again(trial: Trial, session: Session, came: dict[str, Trace]) -> bool:
    """Whether the first run that took too long does so again; its trace is kept in ``came``."""
    runs, traces = trial.bench.plan.runs, trial.judge.traces
    first = next((key for key in runs if traces[key].ended_by("timeout")), None)
    if first is None:
        return False
    (came[first],) = session.run([runs[first]])
    return came[first].ended_by(*_CUT_OFF)


def _is_unfinished(judge: Judge, task: Task) -> bool:
    """Whether any run of a task took too long, or was not run any more."""
    return judge.ended(task, *_CUT_OFF)


def _is_of(verdict: Verdict, failing: Mapping[str, Verdict]) -> bool:
    """Whether a verdict is on the case by which its law failed at first."""
    first = failing.get(verdict.task.law.name)
    return first is not None and first.task.case_index == verdict.task.case_index
