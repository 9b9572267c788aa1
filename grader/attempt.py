"""One piece of code on one exercise, from its verdicts to its result: confirmed, shrunk, diagnosed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from grader import scripts
from grader.apart import AGAIN, FIRST, try_alone, try_together
from grader.cases import Case
from grader.confirming import Confirmed, confirm
from grader.diagnosis import behaviour
from grader.execution.session import Session
from grader.judging import Verdict
from grader.precision import law_lost_to_dtypes
from grader.properties.base import Finding, Property
from grader.report import (
    KEPT,
    Counterexample,
    Diagnosis,
    ExerciseResult,
    PropertyResult,
    Status,
    worst,
)
from grader.shrinking import SEARCHING, shrink
from grader.trial import Trial
from grader.workbench import try_law

SHRINK_BUDGET = 80  # new cases that are tried for one exercise of one submission
_SHRINK_BUDGET_APART = 20  # where each run takes a process: the number is to end it, not the clock
_SHRINK_CASE_SECONDS = 1.0
NOT_COUNTED = "Not counted: it holds, but no case that takes work came out right, so there is nothing to credit."


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt(Trial):
    """One piece of code on one exercise, from its verdicts to its result.

    Attributes:
        path: where the code is, for scripts.
    """

    path: str

    def result(self, *, explain: bool) -> ExerciseResult:
        """What every law says; what fails is confirmed, shrunk and diagnosed where ``explain`` asks for it."""
        exercise = self.bench.exercise
        failing = self.judge.failing()
        confirmed = confirm(self, failing) if explain else Confirmed(lost=failing)
        effort = self.bench.reference is None or confirmed.shows_effort(self)
        smallest = self._smallest(confirmed) if explain else {}
        properties = []
        for law in self.bench.plan.properties:
            verdicts = self.judge.of(law)
            status: Status = "passed"
            message = ""
            if not verdicts:
                status, message = "skipped", "None of the drawn cases is one that this law speaks of."
            elif law.name in confirmed.unstable and effort:
                status, message = "unstable", _unstable_message(failing[law.name])
            elif law.name in confirmed.lost:
                properties.append(self._failed(confirmed.lost[law.name], smallest.get(law.name)))
                continue
            elif not effort:
                status, message = "failed", NOT_COUNTED
            else:
                message = confirmed.remark(law) or self._remark(law, verdicts)
            points = law.points if status in KEPT else 0
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
            diagnosis=self._diagnosis(confirmed) if explain else (),
            properties=tuple(properties),
        )

    def _remark(self, law: Property, verdicts: Sequence[Verdict]) -> str:
        """What to tell of a law that holds."""
        told = law_lost_to_dtypes(self.judge) if self.judge.was_judged_instead(law) else None
        if told is not None:
            return f"Judged in single precision; that it fails in double precision counts in “{told.name}”."
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
        failing = {
            name: each for name, each in self.judge.failing().items() if not self.judge.ended(each.task, "not_run")
        }
        return tuple(self._failed(verdict, None) for verdict in confirm(self, failing).lost.values())

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
            counterexample=self._counterexample(law, case, finding),
        )

    def _counterexample(self, law: Property, case: Case, finding: Finding) -> Counterexample:
        declared = self.bench.exercise.declared
        own = law.variants(case)
        variants = {**own, FIRST: case, AGAIN: case}
        labels: Sequence[str] = finding.labels
        if law.of_other_calls and set(labels) <= own.keys():
            labels = list(own)  # it takes all of them to show it
        runs = {label: law.script(variants[label], declared) for label in labels if label in variants}
        return Counterexample(
            case=case.to_json(),
            script=scripts.render(
                self.path,
                depth=self.bundle.main.count("/"),
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

    def _smallest(self, confirmed: Confirmed) -> dict[str, tuple[Case, Finding]]:
        """The smallest failing case of each law that is lost, with its finding."""
        if not confirmed.lost:
            return {}
        with SEARCHING:  # before the clock starts
            return self._shrunk(confirmed)

    def _shrunk(self, confirmed: Confirmed) -> dict[str, tuple[Case, Finding]]:
        self.progress("looking for the smallest case that fails")
        deadline = time.monotonic() + self.grader.shrink_seconds
        with self.session(case_seconds=_SHRINK_CASE_SECONDS) as session:
            search = _Search(attempt=self, confirmed=confirmed, session=session, deadline=deadline)
            for name, verdict in confirmed.lost.items():
                search.look(name, verdict)
        if self.bench.reference is not None:
            self.bench.reference.close()
        return search.found

    def _diagnosis(self, confirmed: Confirmed) -> tuple[Diagnosis, ...]:
        if self.bench.reference is None or not confirmed.lost:
            return ()
        at_first = behaviour(self.judge, self.bench.beginning.plan)
        return self.grader.diagnosis(self.bench, at_first=at_first, seen=behaviour(self.judge))


@dataclass(kw_only=True, slots=True)
class _Search:
    """Looks for the smallest failing case of one law after another, within bounds on cases and on time.

    Attributes:
        attempt, confirmed: whose laws they are, and how it was found that they are broken.
        session: a worker for the code.
        deadline: when it ends, by the monotonic clock.
        found: the smallest case of each law that was looked at, with its finding.
    """

    attempt: Attempt
    confirmed: Confirmed
    session: Session
    deadline: float
    found: dict[str, tuple[Case, Finding]] = field(default_factory=dict)
    _left: int = field(init=False)  # cases that may still be tried
    _grim: bool = False  # a case did not end: nor would smaller ones, and how long they took depends on the machine

    def __post_init__(self) -> None:
        self._left = SHRINK_BUDGET if self.confirmed.apart is None else _SHRINK_BUDGET_APART

    def look(self, name: str, verdict: Verdict) -> None:
        """Finds the smallest case by which a law is broken: one that broke another law, or a new one."""
        assert verdict.finding is not None
        if not verdict.task.law.shrinks or verdict.finding.did_not_end or self._grim:
            return
        before = [case for case, _ in self.found.values()]
        if (known := next(filter(None, (self._fails(verdict, case) for case in before)), None)) is not None:
            self.found[name] = known
        elif self._left > 0:
            self.found[name] = self._smallest(verdict, verdict.finding)

    def _smallest(self, verdict: Verdict, finding: Finding) -> tuple[Case, Finding]:
        attempt, task = self.attempt, verdict.task
        findings = {task.case.key: (task.case, finding)}

        def fails(case: Case) -> bool:
            self._left -= 1
            failing = self._fails(verdict, case)
            if failing is not None:
                findings[case.key] = failing
            return failing is not None

        cases = attempt.bench.exercise.declared.cases
        if self.confirmed.judge(attempt, task.law).was_judged_instead(task.law):  # the smallest case, too
            cases = cases.map(_in_single_precision)
        smallest = shrink(
            cases,
            seed=attempt.grader.seed,
            max_examples=attempt.grader.max_examples,
            first=task.case,
            passed={each.task.case.key for each in attempt.judge.of(task.law) if each.finding is None},
            fails=fails,
            budget=self._left,
            seconds=self.deadline - time.monotonic(),
        )
        return findings[smallest.key]

    def _fails(self, verdict: Verdict, case: Case) -> tuple[Case, Finding] | None:
        """The case with what is found on it, where it breaks the law as the verdict's does."""
        assert verdict.finding is not None
        law = verdict.task.law
        finding = None if self._grim else self._tried(law, case)
        if finding is None or (finding.raised and not verdict.finding.raised):
            return None
        self._grim = finding.did_not_end
        return None if self._grim else (case, finding)

    def _tried(self, law: Property, case: Case) -> Finding | None:
        """Judges a law on a case as it was judged when it was lost."""
        if self.confirmed.apart is None:
            return try_law(self.attempt.bench, self.session, law, case)
        if law.of_other_calls:
            return None  # it takes all of the others
        return (try_together if self.confirmed.apart.tells(law) else try_alone)(self.attempt, law, case)


def _in_single_precision(case: Case) -> Case:
    return case.on(dtype="float32")


def _unstable_message(verdict: Verdict) -> str:
    assert verdict.finding is not None
    once = "It failed once and then did not fail again in fresh processes, so it is not held against you:"
    return f"{once} {verdict.finding.message}"
