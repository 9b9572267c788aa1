"""Judges the tasks of a plan as their traces come in, and says which laws hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.cases import Case
from grader.execution.known import KnownTraces
from grader.execution.traces import Trace
from grader.planning import Plan, Task
from grader.properties.base import Evidence, Finding, Property

if TYPE_CHECKING:
    from grader.course import Exercise


MOST_RAISING = 0.4  # of a law's cases, for it to be judged by the others


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A task and what was found; ``None`` where the law holds."""

    task: Task
    finding: Finding | None


@dataclass(kw_only=True, slots=True)
class Judge:
    """Collects traces of one submission and judges each task as soon as its last run is there.

    What is found of the reference's own traces is found once, in ``of_reference``, for all submissions that did exactly
    the same.

    Attributes:
        lost: names of laws that have failed elsewhere already, so that what they tell of costs no other law its points.
    """

    exercise: Exercise
    plan: Plan
    reference: KnownTraces | None
    of_reference: dict[tuple[str, int], Finding | None] = field(default_factory=dict)
    lost: Collection[str] = ()
    traces: dict[str, Trace] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    _instead: dict[tuple[str, int], Verdict] = field(default_factory=dict)  # of others, by law and case
    _waiting: dict[str, list[Task]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        position = {key: index for index, key in enumerate(self.plan.runs)}
        for task in self.plan.tasks:
            last = max(task.runs.values(), key=position.__getitem__)
            self._waiting.setdefault(last, []).append(task)

    def add(self, key: str, trace: Trace) -> None:
        """Takes the trace of one run, in the order of the plan."""
        self.traces[key] = trace
        for task in self._waiting.pop(key, ()):
            self.verdicts.append(Verdict(task=task, finding=self._finding(task)))

    def _finding(self, task: Task) -> Finding | None:
        known = (task.law.name, task.case_index)
        as_reference = self.reference is not None and all(
            self.reference.is_own(run, self.traces[run]) for run in task.runs.values()
        )
        if as_reference and known in self.of_reference:
            return self.of_reference[known]
        traces = {label: self.traces[run] for label, run in task.runs.items()}
        finding = judge(self.exercise, task.law, task.case, traces, self.reference, self.plan.runs, task.runs)
        if as_reference:
            self.of_reference[known] = finding
        return finding

    def of(self, law: Property) -> list[Verdict]:
        """Verdicts of one property, in the order of the cases."""
        own = (each for each in self.verdicts if each.task.law is law)
        counting = (self._instead.get((law.name, each.task.case_index), each) for each in own)
        return sorted(counting, key=lambda verdict: verdict.task.case_index)

    def failing(self) -> dict[str, Verdict]:
        """The first verdict held against each property that fails, by its name, in the plan's order."""
        against = {law.name: self.held_against(law) for law in self.plan.properties}
        return {name: verdicts[0] for name, verdicts in against.items() if verdicts}

    def held_against(self, law: Property) -> list[Verdict]:
        """The verdicts by which a property fails, in the order of the cases.

        A case that raises as it was drawn counts against what is compared with the reference, where it is told. Other
        laws are judged by the rest of their cases, unless that is too little: one mistake is not to cost them all.
        """
        verdicts = self.of(law)
        broken = [each for each in verdicts if each.finding is not None]
        if law.needs_reference:
            return broken
        raising = self._raising()
        others = [each for each in broken if not (_raised(each) and each.task.case_index in raising)]
        too_few = len(broken) - len(others) > MOST_RAISING * len(verdicts)
        return broken if too_few and not self._raising_is_told else others

    def _raising(self) -> Collection[int]:
        """The cases of which a law that shows effort tells that they raise as they are."""
        if self._raising_is_told:
            return range(len(self.plan.cases))
        return {each.task.case_index for each in self._of_effort() if _raised(each)}

    @property
    def _raising_is_told(self) -> bool:
        return any(law.shows_effort and law.name in self.lost for law in self.plan.properties)

    def shows_effort(self) -> bool:
        """Whether any case that proves something came out right; nothing is earned by doing nothing."""
        return any(each.finding is None and not self.exercise.trivial(each.task.case) for each in self._of_effort())

    def always_raises(self) -> str:
        """What every case says that would show effort, where each of them raises; else an empty text."""
        findings = [each.finding for each in self._of_effort()]
        told = [each.message for each in findings if each is not None and each.raised]
        return told[0] if told and len(told) == len(findings) else ""

    def _of_effort(self) -> list[Verdict]:
        return [each for law in self.plan.properties if law.shows_effort for each in self.of(law)]

    def ended(self, task: Task, *kinds: str) -> bool:
        """Whether any run of a task ended by a failure of one of these kinds."""
        return any(self.traces[key].ended_by(*kinds) for key in task.runs.values())

    def judge_besides(self, law: Property, like: Verdict, finding: Finding, traces: Mapping[str, Trace]) -> None:
        """Adds what a law finds on the case of another verdict."""
        runs = {label: variant.key for label, variant in law.wanted(like.task.case).items()}
        task = Task(law=law, case_index=like.task.case_index, case=like.task.case, runs=runs)
        self.verdicts.append(Verdict(task=task, finding=finding))
        self.traces.update(traces)

    def judge_instead(self, verdict: Verdict, other: Verdict, traces: Mapping[str, Trace]) -> None:
        """Lets another verdict count for one, with the traces that it stands on."""
        self._instead[verdict.task.law.name, verdict.task.case_index] = other
        self.traces.update(traces)

    def was_judged_instead(self, law: Property) -> bool:
        """Whether other verdicts count for any of a law's."""
        return any(name == law.name for name, _ in self._instead)


def _raised(verdict: Verdict) -> bool:
    return verdict.finding is not None and verdict.finding.raised


def judge(
    exercise: Exercise,
    law: Property,
    case: Case,
    traces: Mapping[str, Trace],
    reference: KnownTraces | None,
    runs: Mapping[str, Case],
    keys: Mapping[str, str],
) -> Finding | None:
    """One property's finding on one case, from the submission's traces by label."""
    ours = None
    if reference is not None and law.uses_reference:
        ours = {label: reference.trace(key, runs[key]) for label, key in keys.items()}
    evidence = Evidence(case=case, traces=traces, reference=ours, axes=exercise.axes, signatures=exercise.entry_points)
    return law.judge(evidence)
