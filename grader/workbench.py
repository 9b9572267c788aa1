"""An exercise made ready for grading, and what is done with it: code loaded, a law tried on a case."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from grader.cases import Case
from grader.course import CourseExercise, Misconception
from grader.diagnosis import Behaviour
from grader.errors import InternalFault, SubmissionProblem, UsageError
from grader.execution.bundles import Bundle
from grader.execution.known import KnownTraces
from grader.execution.protocol import Frame
from grader.execution.session import Loaded, Session
from grader.execution.traces import ReadTrace, Trace, read_trace_of
from grader.judging import Judge, judge
from grader.planning import Plan
from grader.properties.base import Finding, Property

_FIRST_RUNS = 8  # of a hundred
_FEW_TASKS = 4  # of a law


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """A misconception that was run: how it behaves, and what is told of every case where each of them raises."""

    misconception: Misconception
    behaviour: Behaviour
    raises: str = ""


@dataclass(kw_only=True, slots=True)
class Workbench:
    """An exercise made ready: its plan, the reference's traces, and what is known of its misconceptions."""

    exercise: CourseExercise
    plan: Plan
    reference: KnownTraces | None
    mistakes: dict[str, Mistake] = field(default_factory=dict)
    of_reference: dict[tuple[str, int], Finding | None] = field(default_factory=dict)
    _beginning: Workbench | None = None
    _sample: Workbench | None = None

    @property
    def beginning(self) -> Workbench:
        """The same exercise with the first runs of its plan only: enough to tell most mistakes apart."""
        if self._beginning is None:
            self._beginning = self.with_plan(self.plan.beginning(_FIRST_RUNS))
        return self._beginning

    @property
    def sample(self) -> Workbench:
        """The same exercise with a few cases of each law: enough to catch most mistakes."""
        if self._sample is None:
            self._sample = self.with_plan(self.plan.sample(_FEW_TASKS))
        return self._sample

    def with_plan(self, plan: Plan) -> Workbench:
        """The same exercise with a part of its plan."""
        return replace(self, plan=plan, mistakes={}, _beginning=None, _sample=None)

    @property
    def read(self) -> ReadTrace:
        """Reads traces, but those that are the reference's byte for byte."""
        return read_trace_of if self.reference is None else self.reference.read

    @property
    def expected(self) -> Mapping[str, Frame]:
        """What a submission that does the same as the reference sends, by run."""
        return {} if self.reference is None else self.reference.frames

    def judge(self, lost: Collection[str] = ()) -> Judge:
        """A judge of one more submission, which has lost some laws already."""
        return Judge(
            exercise=self.exercise.declared,
            plan=self.plan,
            reference=self.reference,
            of_reference=self.of_reference,
            lost=lost,
        )


def try_law(
    bench: Workbench,
    session: Session,
    law: Property,
    case: Case,
    came: dict[str, Trace] | None = None,
    read: ReadTrace = read_trace_of,
) -> Finding | None:
    """Judges one law on one case in a session; runs that ``came`` already holds are not run again."""
    came = {} if came is None else came

    def run(runs: Mapping[str, Case]) -> Mapping[str, Trace]:
        new = {key: run for key, run in runs.items() if key not in came}
        came.update(zip(new, session.run(list(new.values()), read), strict=True))
        return came

    return judge_law(bench, law, case, run)


def judge_law(
    bench: Workbench, law: Property, case: Case, run: Callable[[Mapping[str, Case]], Mapping[str, Trace]]
) -> Finding | None:
    """Judges one law on one case; ``run`` gives the traces of the runs that the law wants, by their keys."""
    variants = law.wanted(case)
    if not variants:
        return None
    keys = {label: variant.key for label, variant in variants.items()}
    runs = {key: variants[label] for label, key in keys.items()}
    came = run(runs)
    traces = {label: came[key] for label, key in keys.items()}
    return judge(bench.exercise.declared, law, case, traces, bench.reference, runs, keys)


def check_loaded(loaded: Loaded) -> None:
    """Raises ``SubmissionProblem`` where code could not be loaded or lacks an entry point."""
    if loaded.failure is not None:
        failure = loaded.failure
        if failure.kind == "died":
            raise SubmissionProblem(f"The submission {failure.text} while it was imported.")
        if failure.kind == "timeout" and failure.where:
            raise SubmissionProblem(
                f"The submission {failure.text}. It did not get past {failure.where}. "
                'What is only for your own runs can stand under if __name__ == "__main__".'
            )
        if failure.kind != "raised":
            raise SubmissionProblem(f"The submission {failure.text}.")
        if "ModuleNotFoundError" in failure.types:
            where = f" ({failure.where})" if failure.where else ""
            raise SubmissionProblem(
                f"{failure.text}{where}. Only torch, numpy and the standard library are installed here; "
                "files of your own can be handed in beside it, in a folder."
            )
        if "SystemExit" in failure.types:
            raise SubmissionProblem(
                f"It ends the program while it is imported ({failure.where}). "
                'Leave out what does so (sys.exit, exit, argparse), or put it under if __name__ == "__main__".'
            )
        if "EOFError" in failure.types:
            raise SubmissionProblem(f"It reads input while it is imported ({failure.where}); nobody is there to type.")
        raise SubmissionProblem(f"It can't be imported: {failure}.")
    if loaded.missing:
        cells = "".join(f" {label} raised {failure}." for label, failure in loaded.cells)
        raise SubmissionProblem(
            f"It does not define {' and '.join(f'`{name}`' for name in loaded.missing)} as something to call.{cells}"
        )


def check_ours(exercise: CourseExercise, bundle: Bundle, loaded: Loaded) -> None:
    """What `check_loaded` finds in a solution of the course, or in its drive, told to their author.

    Raises:
        UsageError: the code raises when it is executed, or does not define what it must.
        InternalFault: the worker was lost meanwhile.
    """
    path = exercise.solutions / bundle.main
    if loaded.failure is not None:
        failure = loaded.failure
        if failure.kind != "raised":
            raise InternalFault(f"{path}: it {failure.text}.")
        place = f"{path}, line {failure.line}" if failure.line is not None else f"{path}"
        if failure.drive:
            place = f"{exercise.folder / 'drive.py'}, {failure.drive}"
        text = failure.text.removesuffix(f" ({failure.file}, line {failure.line})")  # a SyntaxError says so itself
        raise UsageError(f"{place}: it can't be executed: {failure.types[0]}: {text}.")
    if loaded.missing:
        what = f"the class {bundle.namespace}" if bundle.namespace else "it"
        names = " and ".join(f"`{name}`" for name in loaded.missing)
        raise UsageError(f"{path}: {what} does not define {names}, which the entry_points of exercise.py ask for.")


def check_drive(exercise: CourseExercise, case: Case, trace: Trace) -> None:
    """Raises ``UsageError`` where the drive raised, while it ran the reference, or the reference in a drawn case."""
    failure = trace.failure
    if failure is not None and failure.in_submission and case.device == "cpu" and not case.options:
        raise UsageError(
            f"{exercise.solutions / 'solution.py'}, line {failure.line}: the reference raised {failure.types[0]}: "
            f"{failure.text}, in a case as it is drawn. Nothing can be compared with it there: correct it, or the "
            "strategy in exercise.py."
        )
    if failure is not None and failure.drive:
        run = f" in a run with the options {dict(case.options)}" if case.options else ""
        raise UsageError(
            f"{exercise.folder / 'drive.py'}, {failure.drive}: the drive raised {failure.types[0]}: {failure.text}, "
            f"when it ran {exercise.solutions / 'solution.py'}{run}. Either it is wrong, or it does not expect what "
            "the reference returned."
        )


def solution_bundle(exercise: CourseExercise) -> Bundle:
    """What a worker needs to run the reference."""
    assert exercise.solution is not None
    return Bundle.of_one_file("solution.py", exercise.solution, ours=True)


def misconception_bundle(exercise: CourseExercise, misconception: Misconception) -> Bundle:
    """What a worker needs to run a misconception."""
    assert exercise.misconceptions_source is not None
    source = exercise.misconceptions_source
    return Bundle.of_one_file("misconceptions.py", source, namespace=misconception.namespace, ours=True)
