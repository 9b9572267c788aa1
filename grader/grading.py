"""The pipeline: submission to source, cases to runs, runs to traces, traces to verdicts, verdicts to a report.

The only module that sees all stages. ``Grader`` owns the worker server and what is known of each exercise; it grades
one submission after another.
"""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib.metadata import version
from threading import RLock
from types import TracebackType
from typing import Self

from grader import __version__
from grader.apart import try_alone
from grader.attempt import Attempt
from grader.cases import Case
from grader.course import Course, CourseExercise, Misconception, source_digest
from grader.diagnosis import Behaviour, behaviour, diagnose, diagnose_together, may_be_part, may_explain
from grader.errors import NotHandedIn, SubmissionProblem, UsageError
from grader.execution.budget import Budget
from grader.execution.bundles import Bundle
from grader.execution.cache import Cache
from grader.execution.known import KnownTraces, in_order
from grader.execution.limits import Limits
from grader.execution.servers import WorkerServer, start_server
from grader.execution.session import Session
from grader.execution.traces import ReadTrace, Trace, read_trace_of, within_bounds
from grader.judging import Judge
from grader.planning import draw_cases, make_plan, plan_of
from grader.precision import try_in_single_precision
from grader.processors import processors
from grader.properties.base import Finding
from grader.protection import probe
from grader.report import (
    Diagnosis,
    Environment,
    ExerciseResult,
    PropertyResult,
    Protection,
    Remark,
    Report,
    Status,
    SubmissionResult,
    worst,
)
from grader.submission import Submission, exercises_in, file_for, nothing_to_grade
from grader.trial import Trial
from grader.workbench import (
    Mistake,
    Workbench,
    check_drive,
    check_loaded,
    check_ours,
    misconception_bundle,
    solution_bundle,
    try_law,
)

_MOMENT = 0.2  # seconds
_MOST_AT_A_TIME = 4  # exercises of one submission; each has a worker, which takes memory
Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to grade.

    Attributes:
        seed: for the cases; the course's where ``None``.
        max_examples: how many cases; the course's where ``None``.
        device: ``auto`` (whatever is there), ``cpu``, or the name of an accelerator, which must be there.
        with_reference: whether to compare with the reference at all (``grader check`` does not).
        trusted: whether to run submissions even where nothing protects this machine from them.
        side_by_side: whether several exercises of a submission are graded at a time.
        limits: of submissions; the course's where ``None``. The course's own code is held to whichever is more.
        shrink_seconds: bound on looking for one submission's smallest failing cases in an exercise; a bound on their
            number stands before it. Where nobody waits it is large, so that a slow machine finds the same cases.
    """

    seed: int | None = None
    max_examples: int | None = None
    device: str = "auto"
    with_reference: bool = True
    trusted: bool = False
    side_by_side: bool = True
    limits: Limits | None = None
    shrink_seconds: float = 4.0


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
        self._at_a_time = min(processors(), _MOST_AT_A_TIME) if self._options.side_by_side else 1
        self.seed = course.seed if self._options.seed is None else self._options.seed
        self.max_examples = self._options.max_examples or course.max_examples
        self.server = server or start_server()
        self._cache = cache or Cache()
        self.progress = progress
        self._exercises: dict[str, CourseExercise] = {}
        self._benches: dict[str, Workbench] = {}
        self._pools: dict[str, tuple[str, Workbench]] = {}
        self._took: dict[str, float] = {}  # seconds for each exercise of the last submission
        self._salt: str | None = None
        self._protection: Protection | None = None
        self._preparing = RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for bench in (*self._benches.values(), *(bench for _, bench in self._pools.values())):
            if bench.reference is not None:
                bench.reference.close()
        self.server.close()

    # What there is to grade

    def exercise(self, name: str) -> CourseExercise:
        """An exercise of the course, read once."""
        if name not in self._exercises:
            self._exercises[name] = self.course.exercise(name)
        return self._exercises[name]

    @cached_property
    def entry_points(self) -> Mapping[str, tuple[str, ...]]:
        """Names that submissions define, by exercise."""
        return self.course.entry_points()

    @property
    def limits(self) -> Limits:
        """Limits of submissions."""
        return self._options.limits or self.course.limits

    @property
    def shrink_seconds(self) -> float:
        """See ``Options``."""
        return self._options.shrink_seconds

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
            isolation=self.protection(),
        )

    def protection(self) -> Protection:
        """What submissions are kept from here, tried out once."""
        with self._preparing:
            if self._protection is None:
                self._protection = probe(self.server, self.limits.at_least(Limits()))
            return self._protection

    def check_protection(self) -> None:
        """Raises ``UsageError`` where nothing protects this machine and submissions are not said to be trusted."""
        if not self._options.trusted and self.protection().level == "none":
            raise UsageError(
                "Nothing keeps a submission from your files here, so none is run. What could be done: grader doctor. "
                "To grade all the same, code that you have read or trust: --allow-weak-isolation"
            )

    def workbench(self, name: str) -> Workbench:
        """An exercise made ready, once: cases drawn, reference run."""
        with self._preparing:
            return self._workbench(name)

    def _workbench(self, name: str) -> Workbench:
        if name not in self._benches:
            exercise = self.exercise(name)
            self.progress(f"{name}: drawing cases")
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
                self.progress("loading the rest of torch (once)")
                self.server.warm()
            plan = make_plan(exercise.declared.properties, cases, devices=devices, with_reference=with_reference)
            reference = None
            if with_reference:
                reference = self._known(
                    exercise, solution_bundle(exercise), "reference", check_run=partial(check_drive, exercise)
                )
                self.progress(f"{name}: running the reference")
                reference.compute(in_order(plan.runs, plan.reference_runs))
                reference.close()
            self._benches[name] = Workbench(exercise=exercise, plan=plan, reference=reference)
        return self._benches[name]

    def _known(
        self,
        exercise: CourseExercise,
        bundle: Bundle,
        which: str,
        read: ReadTrace = read_trace_of,
        *,
        warm: bool = False,
        check_run: Callable[[Case, Trace], None] | None = None,
    ) -> KnownTraces:
        def open_session() -> Session:
            if warm:  # once: what some misconceptions need of torch would take each of them seconds
                self.server.warm()
            return self.session(exercise, bundle)

        devices = ",".join(self.devices())
        key = ("traces", self._version_salt(), self.server.torch_version, devices, exercise.identity, which)
        return KnownTraces(
            open_session,
            cache=self._cache,
            key=(*key, str(self.seed), str(self.max_examples)),
            read=read,
            check_loaded=partial(check_ours, exercise, bundle),
            check_run=check_run,
        )

    def _version_salt(self) -> str:
        if self._salt is None:
            self._salt = own_versions()
        return self._salt

    def versions(self) -> str:
        """Of all that results depend on, but for the course."""
        return "/".join([self._version_salt(), self.server.torch_version, ",".join(self.devices())])

    def exercise_key(self, name: str) -> str:
        """A digest of all that a result in an exercise depends on, but for the submission."""
        exercise = self.exercise(name)
        parts = [self.versions(), exercise.identity, self.seed, self.max_examples, self.limits, exercise.points]
        return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()

    def session(
        self,
        exercise: CourseExercise,
        bundle: Bundle,
        *,
        case_seconds: float | None = None,
        budget: Budget | None = None,
    ) -> Session:
        """A worker's session for a piece of code in an exercise."""
        limits = self.limits.at_least(self.course.limits) if bundle.ours else self.limits
        if case_seconds is not None:
            limits = replace(limits, case_seconds=min(case_seconds, limits.case_seconds))
        return Session(
            self.server,
            bundle=bundle,
            drive=exercise.drive,
            names=list(exercise.declared.entry_points),
            limits=limits,
            bound_memory=not self.devices(),
            budget=budget,
        )

    # Grading

    def grade(self, submissions: Sequence[Submission], names: Sequence[str] = ()) -> Report:
        """Grades submissions on the named exercises, or on those whose entry points each one defines.

        Raises:
            UsageError: nothing protects this machine from them, and they are not said to be trusted.
        """
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
        entry_points = self.entry_points
        chosen = list(names) or exercises_in(submission, entry_points)
        message = "" if chosen else nothing_to_grade(submission, entry_points)
        seconds = self.limits.submission_seconds
        whole = Budget(limit="submission_seconds", seconds=seconds) if seconds is not None else None
        results = self._grade_exercises(submission, {name: entry_points[name] for name in chosen}, whole)
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
        self, submission: Submission, chosen: Mapping[str, tuple[str, ...]], whole: Budget | None
    ) -> tuple[ExerciseResult, ...]:
        """Grades exercises of a submission, several at a time: the work is done by workers, one each.

        Those that took longest last time come first, so that none is left to run alone at the end; but where the time
        for all is bounded, whose turn comes too late must not depend on that.
        """
        pool = ThreadPoolExecutor(max_workers=self._at_a_time)
        try:
            in_turn = list(chosen) if whole else sorted(chosen, key=lambda name: -self._took.get(name, 0.0))
            results = {
                name: pool.submit(self.grade_exercise, submission, name, chosen[name], whole) for name in in_turn
            }
            waiting = set(results.values())
            while waiting:  # in moments, because an interrupt that reaches another thread does not end a wait
                done, waiting = wait(waiting, timeout=_MOMENT, return_when=FIRST_COMPLETED)
                for each in done:
                    each.result()  # raises what it raised
            return tuple(results[name].result() for name in chosen)
        finally:  # where one raised, or somebody interrupts, the others are not waited for
            pool.shutdown(wait=False, cancel_futures=True)

    def grade_exercise(
        self, submission: Submission, name: str, entry_points: tuple[str, ...], whole: Budget | None = None
    ) -> ExerciseResult:
        """Grades one exercise of a submission, within what is left of the time for the whole."""
        started = time.perf_counter()
        try:
            file = file_for(submission, name, entry_points)
            self.workbench(name)  # while the fork server is still starting
            self.check_protection()
            result = self.grade_code(name, submission.bundle(file), path=submission.location(file), whole=whole)
            remarks = [Remark(where=each.where, what=each.what, why=each.why) for each in submission.remarks(file)]
            result = replace(result, remarks=tuple(remarks))
        except NotHandedIn as problem:
            result = self._not_run(name, str(problem), "missing")
        except SubmissionProblem as problem:
            result = self._not_run(name, str(problem), "error")
        path, line = submission.place(name, entry_points)
        seconds = time.perf_counter() - started
        self._took[name] = seconds
        return replace(result, seconds=seconds, path=path, line=line)

    def _not_run(self, name: str, message: str, status: Status) -> ExerciseResult:
        """The result of an exercise whose submission can't be run: no law holds, for that reason."""
        laws = tuple(
            PropertyResult(name=law.name, status="error", points=0, max_points=law.points, message=message)
            for law in self.exercise(name).declared.properties
        )
        points = self.course.points[name]
        return ExerciseResult(
            name=name, status=status, score=0, max_score=points, seconds=0.0, message=message, properties=laws
        )

    def grade_code(
        self, name: str, bundle: Bundle, *, path: str, explain: bool = True, whole: Budget | None = None
    ) -> ExerciseResult:
        """Grades a piece of code on one exercise.

        Args:
            name: of the exercise.
            bundle: the code.
            path: where the code is, for scripts.
            explain: whether to confirm, shrink and diagnose what fails.
            whole: the time for the submission that this is a part of, where that is bounded.

        Raises:
            SubmissionProblem: the code can't be loaded or lacks what it must define.
        """
        bench = self.workbench(name)
        self.progress(f"{name}: running {path}")
        budget = Budget(seconds=self.limits.exercise_seconds, whole=whole)
        judge_, printed = self.run_plan(bench, bundle, budget)
        attempt = Attempt(grader=self, bench=bench, bundle=bundle, path=path, judge=judge_, budget=budget)
        return replace(attempt.result(explain=explain), printed=printed)

    def run_plan(
        self, bench: Workbench, bundle: Bundle, budget: Budget | None = None, lost: Collection[str] = ()
    ) -> tuple[Judge, str]:
        """Runs all of a plan with a piece of code in one worker, and judges it; also what the code printed.

        As in a notebook, what its cells raised is a part of that. Where a run takes too long, it may have waited for
        the many modules of torch that some operations need, on ``meta`` above all: all is run again with these loaded.

        Args:
            bench: the exercise with the plan.
            bundle: the code.
            budget: its time; that of an exercise where ``None``.
            lost: names of laws that it has lost already (see ``Judge``).

        Raises:
            SubmissionProblem: the code can't be loaded or lacks what it must define.
        """
        budget = budget or Budget(seconds=self.limits.exercise_seconds)
        judge_, printed = self._run_plan(bench, bundle, budget, lost)
        if any(trace.ended_by("timeout") for trace in judge_.traces.values()) and self.server.warm():
            budget.give_back()
            judge_, printed = self._run_plan(bench, bundle, budget, lost)
        return judge_, printed

    def _run_plan(self, bench: Workbench, bundle: Bundle, budget: Budget, lost: Collection[str]) -> tuple[Judge, str]:
        judge_ = bench.judge(lost)
        with self.session(bench.exercise, bundle, budget=budget) as session:
            check_loaded(loaded := session.load())
            raised = "".join(f"{label} raised {failure}.\n" for label, failure in loaded.cells)
            runs = bench.plan.runs
            read = within_bounds(bench.read, runs=len(runs))
            came = session.run(list(runs.values()), read, bench.expected)
            for key, trace in zip(runs, came, strict=True):
                judge_.add(key, trace)
            more, apart = dict[str, Trace](), dict[str, Trace]()
            bounded = within_bounds(read_trace_of, runs=len(runs))
            trial = Trial(grader=self, bench=bench, bundle=bundle, judge=judge_, budget=budget)
            try_in_single_precision(
                judge_,
                lambda law, case: (try_law(bench, session, law, case, more, bounded), more),
                alone=lambda law, case: (try_alone(trial, law, case, apart), apart),
            )
            if (more or apart) and bench.reference is not None:
                bench.reference.close()
        return judge_, raised + session.printed

    def try_cases(
        self, submission: Submission, name: str, cases: Sequence[tuple[str, Case]], laws: Collection[str]
    ) -> tuple[PropertyResult, ...]:
        """Judges laws of an exercise on cases that others were found wrong by; returns those that are broken.

        Args:
            submission: that was graded on the exercise and could be run.
            name: of the exercise.
            cases: each with the law to be judged on it; the same for all submissions.
            laws: the ones to judge.

        Raises:
            SubmissionProblem: the submission can't be loaded.
        """
        bench = self._bench_of_cases(name, tuple(cases))
        file = file_for(submission, name, tuple(bench.exercise.declared.entry_points))
        some = bench.with_plan(bench.plan.only(task for task in bench.plan.tasks if task.law.name in laws))
        bundle = submission.bundle(file)
        budget = Budget(seconds=self.limits.exercise_seconds)
        lost = {law.name for law in bench.plan.properties} - set(laws)
        judge_, _ = self.run_plan(some, bundle, budget, lost)
        path = submission.location(file)
        return Attempt(grader=self, bench=some, bundle=bundle, path=path, judge=judge_, budget=budget).broken()

    def _bench_of_cases(self, name: str, cases: tuple[tuple[str, Case], ...]) -> Workbench:
        """An exercise made ready for these cases instead of those that were drawn; the last one is kept."""
        bench = self.workbench(name)
        pool = hashlib.sha256("\0".join(f"{law} {case.key}" for law, case in cases).encode()).hexdigest()
        if self._pools.get(name, ("", bench))[0] != pool:
            laws = {law.name: law for law in bench.plan.properties}
            chosen = [(laws[law], i, laws[law].wanted(case)) for i, (law, case) in enumerate(cases) if law in laws]
            plan = plan_of(bench.plan.properties, [case for _, case in cases], [each for each in chosen if each[2]])
            reference = self._known(bench.exercise, solution_bundle(bench.exercise), f"reference in the pool {pool}")
            reference.compute(in_order(plan.runs, plan.reference_runs))
            reference.close()
            self._pools[name] = pool, Workbench(exercise=bench.exercise, plan=plan, reference=reference)
        return self._pools[name][1]

    def try_case(self, submission: Submission, name: str, law_name: str, case: Case) -> Finding | None:
        """Judges one law on one case of a submission, in a fresh worker.

        Raises:
            UsageError: the exercise has no such law.
            SubmissionProblem: the submission can't be loaded.
        """
        bench = self.workbench(name)
        self.check_protection()
        law = next((each for each in bench.plan.properties if each.name == law_name), None)
        if law is None:
            if any(each.name == law_name for each in bench.exercise.needs_reference):
                raise UsageError(
                    f"“{law_name}” of {name} is judged by the reference solution, which this course lacks. "
                    "The report holds a script for it."
                )
            raise UsageError(f"The exercise {name} has no property {law_name!r}.")
        file = file_for(submission, name, tuple(bench.exercise.declared.entry_points))
        with self.session(bench.exercise, submission.bundle(file)) as session:
            check_loaded(session.load())
            # what is kept between calls shows when the same is run again
            return try_law(bench, session, law, case) or try_law(bench, session, law, case)

    def diagnosis(self, bench: Workbench, *, at_first: Behaviour, seen: Behaviour) -> tuple[Diagnosis, ...]:
        """The misconceptions of an exercise that behave like a submission.

        All of them are run on the first cases; those that may still be it are run on all.

        Args:
            bench: the exercise.
            at_first: how the submission behaves on ``bench.beginning``.
            seen: how it behaves on all of the plan.
        """

        def likely(may_be: Callable[[Behaviour, Behaviour], bool]) -> Iterator[tuple[Misconception, Behaviour]]:
            for each in self.mistakes(bench.beginning):
                if may_be(at_first, each.behaviour):
                    yield each.misconception, self.mistake(bench, each.misconception).behaviour

        return diagnose(seen, likely(may_explain)) or diagnose_together(seen, likely(may_be_part))

    def mistakes(self, bench: Workbench) -> list[Mistake]:
        """Every misconception of an exercise; see ``mistake``."""
        return [self.mistake(bench, each) for each in bench.exercise.misconceptions]

    def mistake(self, bench: Workbench, misconception: Misconception) -> Mistake:
        """A misconception of an exercise with its behaviour on the plan; run once, then kept."""
        exercise, name = bench.exercise, misconception.namespace
        if name not in bench.mistakes:
            self.progress(f"{exercise.name}: trying the misconception {name}")
            bundle, which = misconception_bundle(exercise, misconception), f"{name} in {' '.join(bench.plan.runs)}"
            known = self._known(exercise, bundle, which, bench.read, warm=True)
            known.compute(bench.plan.runs)
            judge_ = bench.judge()
            for key, case in bench.plan.runs.items():
                judge_.add(key, known.trace(key, case))
            known.close()
            seen = behaviour(judge_, any_numbers=misconception.any_numbers)
            bench.mistakes[name] = Mistake(misconception=misconception, behaviour=seen, raises=judge_.always_raises())
        return bench.mistakes[name]


def own_versions() -> str:
    """Of the grader and of what draws its cases."""
    return "/".join([source_digest(), platform.python_version(), version("hypothesis")])
