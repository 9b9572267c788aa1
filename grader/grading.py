"""The pipeline: submission to source, cases to runs, runs to traces, traces to verdicts, verdicts to a report.

The only module that sees all stages. ``Grader`` owns the worker server and what is known of each exercise; it grades
one submission after another.
"""

from __future__ import annotations

import difflib
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from threading import RLock
from types import TracebackType
from typing import Self

from grader import __version__, scripts
from grader.cases import Case
from grader.course import Course, CourseExercise, Misconception, source_digest
from grader.diagnosis import Behaviour, behaviour, diagnose
from grader.errors import SubmissionProblem, UsageError
from grader.execution.cache import Cache
from grader.execution.known import KnownTraces, in_order
from grader.execution.traces import ReadTrace, Trace, read_trace_of
from grader.execution.workers import Bundle, Loaded, Session, WorkerServer, start_server
from grader.judging import Judge, Verdict, judge
from grader.planning import Plan, Task, draw_cases, make_plan
from grader.properties.base import Finding, Property
from grader.report import (
    Counterexample,
    Diagnosis,
    Environment,
    ExerciseResult,
    PropertyResult,
    Report,
    Status,
    SubmissionResult,
    worst,
)
from grader.shrinking import SEARCHING, shrink
from grader.submission import SourceFile, Submission

SHRINK_BUDGET = 80  # new cases that are tried for one exercise of one submission
SHRINK_SECONDS = 4.0  # a bound for machines and submissions that are slow on top of it
_SHRINK_CASE_SECONDS = 1.0
_MOST_AT_A_TIME = 4  # exercises of one submission; each has a worker, which takes memory
NOT_COUNTED = "Not counted: it holds, but no case that takes work came out right, so there is nothing to credit."

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to grade.

    Attributes:
        seed: for the cases; the course's where ``None``.
        max_examples: how many cases; the course's where ``None``.
        device: ``auto`` (whatever is there), ``cpu``, or the name of an accelerator, which must be there.
        with_reference: whether to compare with the reference at all (``grader check`` does not).
    """

    seed: int | None = None
    max_examples: int | None = None
    device: str = "auto"
    with_reference: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """A misconception that was run: how it behaves, and what it scores."""

    misconception: Misconception
    behaviour: Behaviour
    score: int


@dataclass(kw_only=True, slots=True)
class Workbench:
    """An exercise made ready: its plan, the reference's traces, and what is known of its misconceptions."""

    exercise: CourseExercise
    plan: Plan
    reference: KnownTraces | None
    mistakes: dict[str, Mistake] = field(default_factory=dict)
    of_reference: dict[tuple[str, int], Finding | None] = field(default_factory=dict)

    @property
    def read(self) -> ReadTrace:
        """Reads traces, but those that are the reference's byte for byte."""
        return read_trace_of if self.reference is None else self.reference.read

    def judge(self) -> Judge:
        """A judge of one more submission."""
        return Judge(
            exercise=self.exercise.declared, plan=self.plan, reference=self.reference, of_reference=self.of_reference
        )


class Grader:
    """Grades submissions of one course; a context manager that ends the processes it started."""

    def __init__(
        self,
        course: Course,
        options: Options | None = None,
        *,
        server: WorkerServer | None = None,
        cache: Cache | None = None,
        progress: Progress = lambda text: None,
    ) -> None:
        self.course = course
        self._options = options or Options()
        self.seed = course.seed if self._options.seed is None else self._options.seed
        self.max_examples = self._options.max_examples or course.max_examples
        self.server = server or start_server()
        self._cache = cache or Cache()
        self._progress = progress
        self._exercises: dict[str, CourseExercise] = {}
        self._benches: dict[str, Workbench] = {}
        self._salt: str | None = None
        self._preparing = RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for bench in self._benches.values():
            if bench.reference is not None:
                bench.reference.close()
        self.server.close()

    # What there is to grade

    def exercise(self, name: str) -> CourseExercise:
        """An exercise of the course, read once."""
        if name not in self._exercises:
            self._exercises[name] = self.course.exercise(name)
        return self._exercises[name]

    def devices(self) -> tuple[str, ...]:
        """Accelerators to grade on. Raises ``UsageError`` where the one that was asked for isn't there."""
        asked, there = self._options.device, self.server.devices
        if asked == "auto":
            return there
        if asked != "cpu" and asked not in there:
            raise UsageError(f"There is no device {asked!r} here. There are: {', '.join(('cpu', *there))}.")
        return () if asked == "cpu" else (asked,)

    def environment(self) -> Environment:
        """What results are obtained with."""
        return Environment(
            python=platform.python_version(),
            torch=self.server.torch_version,
            hypothesis=version("hypothesis"),
            platform=f"{platform.system()} {platform.machine()}",
            devices=("cpu", *self.devices()),
            isolation=self.server.isolation,
        )

    def workbench(self, name: str) -> Workbench:
        """An exercise made ready, once: cases drawn, reference run."""
        with self._preparing:
            return self._workbench(name)

    def _workbench(self, name: str) -> Workbench:
        if name not in self._benches:
            exercise = self.exercise(name)
            self._progress(f"{name}: drawing cases")
            cases = draw_cases(
                exercise, seed=self.seed, max_examples=self.max_examples, cache=self._cache, salt=self._version_salt()
            )
            with_reference = self._options.with_reference
            if with_reference and exercise.solution is None:
                raise UsageError(
                    f"The course has no solution for {name}: solutions/{name}/solution.py is not there. "
                    "To check a submission without solutions, use: grader check"
                )
            devices = self.devices()
            if exercise.declared.heavy:
                self._progress("loading the rest of torch (once)")
                self.server.warm()
            plan = make_plan(exercise.declared.properties, cases, devices=devices, with_reference=with_reference)
            reference = None
            if with_reference:
                reference = self._known(exercise, solution_bundle(exercise), "reference")
                self._progress(f"{name}: running the reference")
                reference.compute(in_order(plan.runs, plan.reference_runs))
                reference.close()
            self._benches[name] = Workbench(exercise=exercise, plan=plan, reference=reference)
        return self._benches[name]

    def _known(
        self, exercise: CourseExercise, bundle: Bundle, which: str, read: ReadTrace = read_trace_of
    ) -> KnownTraces:
        devices = ",".join(self.devices())
        key = ("traces", self._version_salt(), self.server.torch_version, devices, exercise.identity, which)
        return KnownTraces(
            lambda: self.session(exercise, bundle),
            cache=self._cache,
            key=(*key, str(self.seed), str(self.max_examples)),
            read=read,
        )

    def _version_salt(self) -> str:
        if self._salt is None:
            self._salt = "/".join([source_digest(), platform.python_version(), version("hypothesis")])
        return self._salt

    def session(self, exercise: CourseExercise, bundle: Bundle, *, case_seconds: float | None = None) -> Session:
        """A worker's session for a piece of code in an exercise."""
        limits = self.course.limits
        if case_seconds is not None:
            limits = replace(limits, case_seconds=min(case_seconds, limits.case_seconds))
        return Session(
            self.server,
            bundle=bundle,
            drive=exercise.drive,
            names=list(exercise.declared.entry_points),
            limits=limits,
            bound_memory=not self.devices(),
        )

    # Grading

    def grade(self, submissions: Sequence[Submission], names: Sequence[str] = ()) -> Report:
        """Grades submissions on the named exercises, or on those whose entry points each one defines."""
        results = tuple(self.grade_submission(each, names) for each in submissions)
        return self.report(results)

    def report(self, results: Sequence[SubmissionResult]) -> Report:
        """The report of results that were obtained one by one."""
        return Report(
            grader_version=__version__,
            seed=self.seed,
            max_examples=self.max_examples,
            environment=self.environment(),
            submissions=tuple(results),
        )

    def grade_submission(self, submission: Submission, names: Sequence[str] = ()) -> SubmissionResult:
        """Grades one submission; see ``grade``."""
        started = time.perf_counter()
        entry_points = self.course.entry_points()
        defined = {name for file in submission.files for name in file.defined}
        chosen = list(names) or [name for name in self.course.names if defined & set(entry_points[name])]
        message = "" if chosen else _nothing_to_grade(submission, entry_points)
        results = self._grade_exercises(submission, {name: entry_points[name] for name in chosen})
        return SubmissionResult(
            path=submission.path,
            sha256=submission.sha256,
            status=worst([each.status for each in results]) if results else "error",
            score=sum(each.score for each in results),
            max_score=sum(each.max_score for each in results),
            seconds=time.perf_counter() - started,
            message=message,
            exercises=results,
        )

    def _grade_exercises(
        self, submission: Submission, chosen: Mapping[str, tuple[str, ...]]
    ) -> tuple[ExerciseResult, ...]:
        """Grades exercises of a submission, several at a time: the work is done by workers, one each."""
        pool = ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, _MOST_AT_A_TIME))
        try:
            waiting = [pool.submit(self.grade_exercise, submission, name, names) for name, names in chosen.items()]
            return tuple(each.result() for each in waiting)
        finally:  # where one raised, or somebody interrupts, the others are not waited for
            pool.shutdown(wait=False, cancel_futures=True)

    def grade_exercise(self, submission: Submission, name: str, entry_points: tuple[str, ...]) -> ExerciseResult:
        """Grades one exercise of a submission."""
        started = time.perf_counter()
        try:
            file = _file_for(submission, entry_points)
            result = self.grade_code(name, submission.bundle(file), path=submission.location(file))
        except SubmissionProblem as problem:
            result = self._not_run(name, str(problem))
        return replace(result, seconds=time.perf_counter() - started)

    def _not_run(self, name: str, message: str) -> ExerciseResult:
        """The result of an exercise whose submission can't be run: no law holds, for that reason."""
        laws = tuple(
            PropertyResult(name=law.name, status="error", points=0, max_points=law.points, message=message)
            for law in self.exercise(name).declared.properties
        )
        points = self.course.points[name]
        return ExerciseResult(
            name=name, status="error", score=0, max_score=points, seconds=0.0, message=message, properties=laws
        )

    def grade_code(self, name: str, bundle: Bundle, *, path: str, explain: bool = True) -> ExerciseResult:
        """Grades a piece of code on one exercise.

        Args:
            name: of the exercise.
            bundle: the code.
            path: where the code is, for scripts.
            explain: whether to confirm, shrink and diagnose what fails.

        Raises:
            SubmissionProblem: the code can't be loaded or lacks what it must define.
        """
        bench = self.workbench(name)
        self._progress(f"{name}: running {path}")
        judge_, printed = self.run_plan(bench, bundle)
        attempt = _Attempt(grader=self, bench=bench, bundle=bundle, path=path, judge=judge_)
        return replace(attempt.result(explain=explain), printed=printed)

    def run_plan(self, bench: Workbench, bundle: Bundle) -> tuple[Judge, str]:
        """Runs all of a plan with a piece of code in one worker, and judges it; also what the code printed."""
        judge_ = bench.judge()
        with self.session(bench.exercise, bundle) as session:
            check_loaded(session.load(), bench.exercise)
            runs = bench.plan.runs
            for key, trace in zip(runs, session.run(list(runs.values()), bench.read), strict=True):
                judge_.add(key, trace)
        return judge_, session.printed

    def try_case(self, submission: Submission, name: str, law_name: str, case: Case) -> Finding | None:
        """Judges one law on one case of a submission, in a fresh worker.

        Raises:
            UsageError: the exercise has no such law.
            SubmissionProblem: the submission can't be loaded.
        """
        bench = self.workbench(name)
        law = next((each for each in bench.plan.properties if each.name == law_name), None)
        if law is None:
            raise UsageError(f"The exercise {name} has no property {law_name!r}.")
        file = _file_for(submission, tuple(bench.exercise.declared.entry_points))
        with self.session(bench.exercise, submission.bundle(file)) as session:
            check_loaded(session.load(), bench.exercise)
            return _try(bench, session, law, case)

    def diagnosis(self, bench: Workbench, submission: Behaviour) -> tuple[Diagnosis, ...]:
        """The misconceptions of an exercise that behave like a submission."""
        return diagnose(submission, [(each.misconception, each.behaviour) for each in self.mistakes(bench)])

    def mistakes(self, bench: Workbench) -> list[Mistake]:
        """Every misconception of an exercise with its behaviour on the plan; run once, then kept."""
        return [self._mistake(bench, each) for each in bench.exercise.misconceptions]

    def _mistake(self, bench: Workbench, misconception: Misconception) -> Mistake:
        exercise, name = bench.exercise, misconception.namespace
        if name not in bench.mistakes:
            self._progress(f"{exercise.name}: trying the misconception {name}")
            bundle = misconception_bundle(exercise, misconception)
            known = self._known(exercise, bundle, name, bench.read)
            known.compute(bench.plan.runs)
            judge_ = bench.judge()
            for key, case in bench.plan.runs.items():
                judge_.add(key, known.trace(key, case))
            known.close()
            score = _Attempt(grader=self, bench=bench, bundle=bundle, path="", judge=judge_).result(explain=False).score
            seen = behaviour(judge_, any_numbers=misconception.any_numbers)
            bench.mistakes[name] = Mistake(misconception=misconception, behaviour=seen, score=score)
        return bench.mistakes[name]


@dataclass(kw_only=True, slots=True)
class _Attempt:
    """One piece of code on one exercise, from its verdicts to its result."""

    grader: Grader
    bench: Workbench
    bundle: Bundle
    path: str
    judge: Judge

    def result(self, *, explain: bool) -> ExerciseResult:
        exercise = self.bench.exercise
        failing = self.judge.failing()
        unstable = self._unconfirmed(failing) if explain else set()
        effort = self.bench.reference is None or self.judge.shows_effort()
        smallest = self._smallest({k: v for k, v in failing.items() if k not in unstable}) if explain else {}
        properties = []
        for law in self.bench.plan.properties:
            verdicts = self.judge.of(law)
            status: Status = "passed"
            message, counterexample = "", None
            if not verdicts:
                status, message = "skipped", "None of the drawn cases is one that this law speaks of."
            elif law.name in unstable:
                status, message = "unstable", _unstable_message(failing[law.name])
            elif law.name in failing:
                status = "failed"
                case, finding = smallest.get(law.name, (failing[law.name].task.case, failing[law.name].finding))
                assert finding is not None
                message = finding.message
                counterexample = self._counterexample(law.variants(case), case, finding)
            elif not effort:
                status, message = "failed", NOT_COUNTED
            else:
                runs = verdicts[-1].task.runs
                message = law.remark({label: self.judge.traces[key] for label, key in runs.items()})
            points = law.points if status in ("passed", "unstable") else 0
            properties.append(
                PropertyResult(
                    name=law.name,
                    status=status,
                    points=points,
                    max_points=law.points,
                    message=message,
                    counterexample=counterexample,
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
        """Laws whose failure does not happen again: not in a fresh worker alone, nor in two out of three whole runs."""
        doubtful = []
        if failing:
            self.grader._progress(f"{self.bench.exercise.name}: confirming what failed")
        came: dict[str, Trace] = {}  # laws that fail on the same case share its run, which may be one that hangs
        with self.grader.session(self.bench.exercise, self.bundle) as session:
            for name, verdict in failing.items():
                if _try(self.bench, session, verdict.task.law, verdict.task.case, came) is None:
                    doubtful.append(name)
        if not doubtful:
            return set()
        again = [self.grader.run_plan(self.bench, self.bundle)[0].failing() for _ in range(2)]
        return {name for name in doubtful if all(name not in each for each in again)}

    def _smallest(self, failing: Mapping[str, Verdict]) -> dict[str, tuple[Case, Finding]]:
        """The smallest failing case of each law that fails, with its finding."""
        if not failing:
            return {}
        with SEARCHING:  # before the clock starts
            return self._shrunk(failing)

    def _shrunk(self, failing: Mapping[str, Verdict]) -> dict[str, tuple[Case, Finding]]:
        found: dict[str, tuple[Case, Finding]] = {}
        exercise = self.bench.exercise
        self.grader._progress(f"{exercise.name}: looking for the smallest case that fails")
        budget, deadline = SHRINK_BUDGET, time.monotonic() + SHRINK_SECONDS
        with self.grader.session(exercise, self.bundle, case_seconds=_SHRINK_CASE_SECONDS) as session:
            for name, verdict in failing.items():
                assert verdict.finding is not None
                task, best = verdict.task, (verdict.task.case, verdict.finding)
                if not task.law.shrinks or _is_grim(verdict.finding):
                    continue
                findings: dict[str, tuple[Case, Finding]] = {task.case.key: best}

                def fails(case: Case, task: Task = task, findings: dict[str, tuple[Case, Finding]] = findings) -> bool:
                    finding = _try(self.bench, session, task.law, case)
                    if finding is not None:
                        findings[case.key] = (case, finding)
                    return finding is not None

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
        return self.grader.diagnosis(self.bench, behaviour(self.judge))


def _try(
    bench: Workbench, session: Session, law: Property, case: Case, came: dict[str, Trace] | None = None
) -> Finding | None:
    """Judges one law on one case in a session; runs that ``came`` already holds are not run again."""
    came = {} if came is None else came
    variants = law.wanted(case)
    if not variants:
        return None
    keys = {label: variant.key for label, variant in variants.items()}
    runs = {key: variants[label] for label, key in keys.items()}
    new = {key: run for key, run in runs.items() if key not in came}
    came.update(zip(new, session.run(list(new.values())), strict=True))
    traces = {label: came[key] for label, key in keys.items()}
    return judge(bench.exercise.declared, law, case, traces, bench.reference, runs, keys)


def _is_grim(finding: Finding) -> bool:
    """Whether trying smaller cases would cost a worker each."""
    return "could not be tried" in finding.message or "did not end as it should" in finding.message


def _unstable_message(verdict: Verdict) -> str:
    assert verdict.finding is not None
    once = "It failed once and then did not fail again in fresh processes, so it is not held against you:"
    return f"{once} {verdict.finding.message}"


def check_loaded(loaded: Loaded, exercise: CourseExercise) -> None:
    """Raises ``SubmissionProblem`` where code could not be loaded or lacks an entry point."""
    if loaded.failure is not None:
        failure = loaded.failure
        if failure.kind == "died":
            raise SubmissionProblem(f"The submission {failure.text} while it was imported.")
        if failure.kind != "raised":
            raise SubmissionProblem(f"The submission {failure.text}.")
        if "ModuleNotFoundError" in failure.types:
            raise SubmissionProblem(
                f"{failure.text} ({failure.where}). Only torch, numpy and the standard library are installed here; "
                "files of your own can be handed in beside it, in a folder."
            )
        if "SystemExit" in failure.types:
            raise SubmissionProblem(f"It ends the program while it is imported ({failure.where}): remove sys.exit().")
        if "EOFError" in failure.types:
            raise SubmissionProblem(f"It reads input while it is imported ({failure.where}); nobody is there to type.")
        raise SubmissionProblem(f"It can't be imported: {failure}.")
    if loaded.missing:
        cells = "".join(f" {label} raised {failure}." for label, failure in loaded.cells)
        raise SubmissionProblem(
            f"It does not define {' and '.join(f'`{name}`' for name in loaded.missing)} as something to call.{cells}"
        )


def _file_for(submission: Submission, entry_points: tuple[str, ...]) -> SourceFile:
    file = submission.file_for(entry_points)
    if file is None:
        problems = [each.problem for each in submission.files if each.problem]
        if problems:
            raise SubmissionProblem(" ".join(problems))
        raise SubmissionProblem(_missing(submission, entry_points))
    if file.problem:
        raise SubmissionProblem(file.problem)
    return file


def _missing(submission: Submission, entry_points: tuple[str, ...]) -> str:
    defined = {name: place for file in submission.files for name, place in file.defined.items()}
    lowered = {name.lower(): name for name in defined}
    for wanted in entry_points:
        near = difflib.get_close_matches(wanted.lower(), lowered, n=1, cutoff=0.75)
        if near:
            name = lowered[near[0]]
            return f"It does not define `{wanted}`. Is it the `{name}` at {defined[name]}? Then rename it."
    return f"It does not define `{' or '.join(entry_points)}`."


def _nothing_to_grade(submission: Submission, entry_points: Mapping[str, tuple[str, ...]]) -> str:
    problems = [each.problem for each in submission.files if each.problem]
    if problems:
        return " ".join(problems)
    everything = tuple(name for names in entry_points.values() for name in names)
    near = _missing(submission, everything)
    if "rename" in near:
        return near
    return f"It defines none of the course's entry points: {', '.join(everything)}."


def solution_bundle(exercise: CourseExercise) -> Bundle:
    """What a worker needs to run the reference."""
    assert exercise.solution is not None
    return Bundle(files=(("solution.py", (("solution.py", exercise.solution),)),), main="solution.py")


def misconception_bundle(exercise: CourseExercise, misconception: Misconception) -> Bundle:
    """What a worker needs to run a misconception."""
    assert exercise.misconceptions_source is not None
    files = (("misconceptions.py", (("misconceptions.py", exercise.misconceptions_source),)),)
    return Bundle(files=files, main="misconceptions.py", namespace=misconception.namespace)
