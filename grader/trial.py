"""One piece of code at a workbench: what was seen of it, and workers that run it again."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from grader.course import CourseExercise
from grader.diagnosis import Behaviour
from grader.execution.budget import Budget
from grader.execution.bundles import Bundle
from grader.execution.session import Session
from grader.judging import Judge
from grader.report import Diagnosis
from grader.workbench import Workbench


class _Workplace(Protocol):
    """Who has workers, and knows how cases were drawn and what is mostly wrong."""

    progress: Callable[[str], None]
    seed: int
    max_examples: int

    @property
    def shrink_seconds(self) -> float: ...

    def session(
        self,
        exercise: CourseExercise,
        bundle: Bundle,
        *,
        case_seconds: float | None = None,
        budget: Budget | None = None,
    ) -> Session: ...

    def run_plan(
        self, bench: Workbench, bundle: Bundle, budget: Budget | None = None, lost: Collection[str] = ()
    ) -> tuple[Judge, str]: ...

    def diagnosis(self, bench: Workbench, *, at_first: Behaviour, seen: Behaviour) -> tuple[Diagnosis, ...]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One piece of code on one exercise.

    Attributes:
        grader: whose workers run it.
        bench: the exercise.
        bundle: the code.
        judge: what was seen of it.
        budget: its time.
    """

    grader: _Workplace
    bench: Workbench
    bundle: Bundle
    judge: Judge
    budget: Budget

    def session(self, *, case_seconds: float | None = None) -> Session:
        """A worker for the code."""
        return self.grader.session(self.bench.exercise, self.bundle, case_seconds=case_seconds, budget=self.budget)

    def run_again(self, bench: Workbench) -> Judge:
        """Another judge, of the whole plan of a workbench, in one more worker."""
        return self.grader.run_plan(bench, self.bundle, self.budget, self.judge.lost)[0]

    def progress(self, text: str) -> None:
        """Tells who waits what is done now."""
        self.grader.progress(f"{self.bench.exercise.name}: {text}")
