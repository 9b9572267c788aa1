"""One piece of code on one exercise, from its verdicts to its result: confirmed, shrunk, diagnosed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader import scripts
from grader.cases import Case
from grader.diagnosis import behaviour
from grader.execution.budget import Budget
from grader.execution.session import Bundle, Session
from grader.execution.traces import Trace
from grader.judging import Judge, Verdict
from grader.planning import Task
from grader.properties.base import Finding, Property
from grader.report import (
    Counterexample,
    Diagnosis,
    ExerciseResult,
    PropertyResult,
    Status,
    worst,
)
from grader.shrinking import SEARCHING, shrink
from grader.workbench import Workbench, try_law

if TYPE_CHECKING:
    from grader.grading import Grader

SHRINK_BUDGET = 80  # new cases that are tried for one exercise of one submission
_SHRINK_CASE_SECONDS = 1.0
NOT_COUNTED = "Not counted: it holds, but no case that takes work came out right, so there is nothing to credit."


@dataclass(kw_only=True, slots=True)
class Attempt:
    """One piece of code on one exercise, from its verdicts to its result."""

    grader: Grader
    bench: Workbench
    bundle: Bundle
    path: str
    judge: Judge
    budget: Budget
    _again: list[Judge] = field(default_factory=list)  # of whole runs that were made to confirm what failed

    def result(self, *, explain: bool) -> ExerciseResult:
        """What every law says; what fails is confirmed, shrunk and diagnosed where ``explain`` asks for it."""
        exercise = self.bench.exercise
        failing = self.judge.failing()
        unstable = self._unconfirmed(failing) if explain else set()
        # what is doubted is credited for what the later runs showed, so it is their effort that counts
        later = self._again if self.budget.left > 0 else []  # else it may be what there was no time for
        shown = (each.shows_effort() for each in later or [self.judge])
        effort = self.bench.reference is None or all(shown)
        smallest = self._smallest({k: v for k, v in failing.items() if k not in unstable}) if explain else {}
        properties = []
        for law in self.bench.plan.properties:
            verdicts = self.judge.of(law)
            status: Status = "passed"
            message = ""
            if not verdicts:
                status, message = "skipped", "None of the drawn cases is one that this law speaks of."
            elif law.name in unstable and effort:
                status, message = "unstable", _unstable_message(failing[law.name])
            elif law.name in failing and law.name not in unstable:
                properties.append(self._failed(failing[law.name], smallest.get(law.name)))
                continue
            elif not effort:
                status, message = "failed", NOT_COUNTED
            else:
                message = self._remark(law, verdicts)
            points = law.points if status in ("passed", "unstable") else 0
            properties.append(
                PropertyResult(
                    name=law.name,
                    status=status,
                    points=points,
                    max_points=law.points,
                    message=message,
                )
            )
        skipped = exercise.declared.properties if self.bench.reference is None else ()
        for law in skipped:
            if law.needs_reference:
                text = "Not checked: this needs the reference solution, which your instructor's run has."
                properties.append(
                    PropertyResult(name=law.name, status="skipped", points=0, max_points=law.points, message=text)
                )
        full = sum(law.points for law in exercise.declared.properties)
        earned = sum(each.points for each in properties)
        return ExerciseResult(
            name=exercise.name,
            status=worst([each.status for each in properties]),
            score=earned * exercise.points // full,
            max_score=exercise.points,
            seconds=0.0,
            diagnosis=self._diagnosis(failing, unstable) if explain else (),
            properties=tuple(properties),
        )

    def _remark(self, law: Property, verdicts: Sequence[Verdict]) -> str:
        """What to tell of a law that holds."""
        held = [each for each in verdicts if each.finding is None]
        if len(held) < len(verdicts):
            return (
                f"Judged by {len(held)} of {len(verdicts)} cases; in the others your code raises, which counts above."
            )
        return law.remark({label: self.judge.traces[key] for label, key in held[-1].task.runs.items()})

    def broken(self) -> tuple[PropertyResult, ...]:
        """The laws that fail again in a fresh worker, each with the first case that breaks it; nothing is shrunk.

        What was not run, because other cases took the time or the workers, says nothing of a law.
        """
        failing = {name: each for name, each in self.judge.failing().items() if not self._not_run(each)}
        unstable = self._unconfirmed(failing)
        return tuple(self._failed(verdict, None) for name, verdict in failing.items() if name not in unstable)

    def _failed(self, verdict: Verdict, smallest: tuple[Case, Finding] | None) -> PropertyResult:
        law = verdict.task.law
        case, finding = smallest or (verdict.task.case, verdict.finding)
        assert finding is not None
        return PropertyResult(
            name=law.name,
            status="failed",
            points=0,
            max_points=law.points,
            message=finding.message,
            counterexample=self._counterexample(law.variants(case), case, finding),
        )

    def _counterexample(self, variants: Mapping[str, Case], case: Case, finding: Finding) -> Counterexample:
        declared = self.bench.exercise.declared
        runs = {label: declared.script(variants[label]) for label in finding.labels if label in variants}
        return Counterexample(
            case=case.to_json(),
            script=scripts.render(
                self.path,
                entry_points=list(declared.entry_points),
                runs=runs,
                message=finding.message,
                expected=finding.expected,
                got=finding.got,
                where=finding.where,
            ),
            expected=finding.expected,
            got=finding.got,
            where=finding.where,
        )

    def _unconfirmed(self, failing: Mapping[str, Verdict]) -> set[str]:
        """Laws whose failure does not happen again: not in a fresh worker alone, nor in two out of three whole runs.

        Where those runs break a law that was kept at first, there is no doubt about any: code that breaks one law now
        and another one later would earn the points of both. What hangs is confirmed by one run of it, and is no part
        of the whole runs. Where the time runs out in these, what it cut off says nothing, and
        what was cut off in both stays as it was: code that is slow on purpose would earn by it.
        """
        doubtful = []
        if failing:
            self.grader.progress(f"{self.bench.exercise.name}: confirming what failed")
        came: dict[str, Trace] = {}  # laws that fail on the same case share its run, which may be one that hangs
        bench = self.bench
        with self.grader.session(bench.exercise, self.bundle, budget=self.budget) as session:
            hangs = self._hangs_again(session, came)
            for name, verdict in failing.items():
                if self._tampered(verdict) or (hangs and _is_unfinished(self.judge, verdict.task)):  # once is enough
                    continue
                if try_law(bench, session, verdict.task.law, verdict.task.case, came) is None:
                    doubtful.append(name)
        if not doubtful:
            return set()
        if hangs:
            bench = bench.with_plan(
                bench.plan.only(task for task in bench.plan.tasks if not _is_unfinished(self.judge, task))
            )
        for _ in range(2):
            if self.budget.left > 0:
                another, _ = self.grader.run_plan(bench, self.bundle, self.budget)
                another.raising_is_told = self.judge.raising_is_told
                self._again.append(another)
        cut_off = self.budget.left <= 0
        again = {
            verdict.task.law.name
            for each in self._again
            for law in each.plan.properties
            for verdict in each.held_against(law)
            if not (cut_off and _is_unfinished(each, verdict.task))
        }
        tried = {
            verdict.task.law.name
            for each in self._again
            for verdict in each.verdicts
            if _is_of(verdict, failing) and not _is_unfinished(each, verdict.task)
        }
        return (set(doubtful) & tried) - again if again <= failing.keys() else set()

    def _hangs_again(self, session: Session, came: dict[str, Trace]) -> bool:
        """Whether the first run that took too long does so again; its trace is kept in ``came``."""
        first = next((key for key, trace in self.judge.traces.items() if _ended_as(trace, "timeout")), None)
        if first is None:
            return False
        (came[first],) = session.run([self.bench.plan.runs[first]])
        return _ended_as(came[first], "timeout", "not_run")

    def _not_run(self, verdict: Verdict) -> bool:
        return any(_ended_as(self.judge.traces[key], "not_run") for key in verdict.task.runs.values())

    def _tampered(self, verdict: Verdict) -> bool:
        """Whether a law fails because the submission replaced what a run relies on."""
        return any(_ended_as(self.judge.traces[key], "tampered") for key in verdict.task.runs.values())

    def _smallest(self, failing: Mapping[str, Verdict]) -> dict[str, tuple[Case, Finding]]:
        """The smallest failing case of each law that fails, with its finding."""
        if not failing:
            return {}
        with SEARCHING:  # before the clock starts
            return self._shrunk(failing)

    def _shrunk(self, failing: Mapping[str, Verdict]) -> dict[str, tuple[Case, Finding]]:
        found: dict[str, tuple[Case, Finding]] = {}
        exercise = self.bench.exercise
        self.grader.progress(f"{exercise.name}: looking for the smallest case that fails")
        budget, deadline, grim = SHRINK_BUDGET, time.monotonic() + self.grader.shrink_seconds, False
        with self.grader.session(
            exercise, self.bundle, case_seconds=_SHRINK_CASE_SECONDS, budget=self.budget
        ) as session:
            for name, verdict in failing.items():
                assert verdict.finding is not None
                task, best, task_raised = verdict.task, (verdict.task.case, verdict.finding), verdict.finding.raised
                if not task.law.shrinks or _is_grim(verdict.finding) or grim:
                    continue
                findings: dict[str, tuple[Case, Finding]] = {task.case.key: best}

                def fails(
                    case: Case,
                    task: Task = task,
                    task_raised: bool = task_raised,
                    findings: dict[str, tuple[Case, Finding]] = findings,
                ) -> bool:
                    nonlocal grim
                    finding = None if grim else try_law(self.bench, session, task.law, case)
                    if finding is None or (finding.raised and not task_raised):
                        return False
                    if _is_grim(finding):  # smaller cases would be, too; and how long they took depends on the machine
                        grim = True
                        return False
                    findings[case.key] = (case, finding)
                    return True

                if any(fails(case) for case, _ in list(found.values())):
                    found[name] = list(findings.values())[-1]
                    continue
                if budget <= 0:
                    continue
                tried = 0

                def counted(case: Case, fails: Callable[[Case], bool] = fails) -> bool:
                    nonlocal tried
                    tried += 1
                    return fails(case)

                smallest = shrink(
                    exercise.declared.cases,
                    seed=self.grader.seed,
                    max_examples=self.grader.max_examples,
                    first=task.case,
                    passed={each.task.case.key for each in self.judge.of(task.law) if each.finding is None},
                    fails=counted,
                    budget=budget,
                    seconds=deadline - time.monotonic(),
                )
                budget -= tried
                found[name] = findings[smallest.key]
        if self.bench.reference is not None:
            self.bench.reference.close()
        return found

    def _diagnosis(self, failing: Mapping[str, Verdict], unstable: set[str]) -> tuple[Diagnosis, ...]:
        if self.bench.reference is None or not failing.keys() - unstable:
            return ()
        at_first = behaviour(self.judge, self.bench.beginning.plan)
        return self.grader.diagnosis(self.bench, at_first=at_first, seen=behaviour(self.judge))


def _ended_as(trace: Trace, *kinds: str) -> bool:
    return trace.failure is not None and trace.failure.kind in kinds


def _is_of(verdict: Verdict, failing: Mapping[str, Verdict]) -> bool:
    """Whether a verdict is on the case by which its law failed at first."""
    first = failing.get(verdict.task.law.name)
    return first is not None and first.task.case_index == verdict.task.case_index


def _is_unfinished(judge: Judge, task: Task) -> bool:
    """Whether any run of a task took too long, or was not run any more."""
    return any(_ended_as(judge.traces[key], "timeout", "not_run") for key in task.runs.values())


def _is_grim(finding: Finding) -> bool:
    """Whether trying smaller cases would cost a worker each."""
    return "could not be tried" in finding.message or "did not end as it should" in finding.message


def _unstable_message(verdict: Verdict) -> str:
    assert verdict.finding is not None
    once = "It failed once and then did not fail again in fresh processes, so it is not held against you:"
    return f"{once} {verdict.finding.message}"
