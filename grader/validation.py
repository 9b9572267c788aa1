"""Is an exercise sound? Its reference, its starter, doing nothing, and every misconception are graded as submissions.

An exercise that gives points for nothing, or that does not catch what it says students get wrong, would give wrong
marks; ``grader validate`` says so before any student is graded.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.util
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import cache
from pathlib import Path

from grader.course import Course, CourseExercise, Misconception, find_course, read_text
from grader.diagnosis import Behaviour, agreement_of, diagnose
from grader.errors import InternalFault, SubmissionProblem
from grader.execution.bundles import Bundle
from grader.execution.servers import WorkerServer, start_server
from grader.grading import Grader, Options
from grader.inspecting import Check, inspect
from grader.processors import processors
from grader.report import TIE, Diagnosis, ExerciseResult, best
from grader.vacuous import vacuous_sources
from grader.workbench import solution_bundle

_AGAIN = 3  # tasks of a law


def validate_side_by_side(
    course: Course, options: Options, names: Sequence[str], seeds: Sequence[int]
) -> Iterator[tuple[int, list[Check]]]:
    """Checks the named exercises with each seed, in as many processes as there are processors.

    Yields a seed and all that was checked of one exercise with it, exercise by exercise.
    """
    todo = [(course.root, replace(options, seed=seed), name) for name in names for seed in seeds]
    context = multiprocessing.get_context("spawn")  # no thread or socket of this process goes with it
    pool = ProcessPoolExecutor(max_workers=min(processors(), len(todo)), mp_context=context)
    try:
        waiting = [pool.submit(_checked_apart, *each) for each in todo]
        for (_, with_seed, _), each in zip(todo, waiting, strict=True):
            yield with_seed.seed or 0, each.result()
        pool.shutdown()  # else Python, which ends, and the pool's thread may both close its pipe
    except BrokenProcessPool as error:
        raise InternalFault("A process that checked exercises ended unexpectedly.") from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _checked_apart(root: Path, options: Options, name: str) -> list[Check]:
    return list(validate(Grader(find_course(root), options, server=_server_of_this_process()), [name]))


@cache
def _server_of_this_process() -> WorkerServer:
    server = start_server()
    multiprocessing.util.Finalize(None, server.close, exitpriority=0)
    return server


def validate(grader: Grader, names: Sequence[str]) -> Iterator[Check]:
    """Checks the named exercises with the grader's seed."""
    for name in names:
        yield from check_marks(grader, name)
        yield from check_misconceptions(grader, name)


def check_marks(grader: Grader, name: str) -> Iterator[Check]:
    """Whether the reference of an exercise gets full marks, and the starter and doing nothing no points."""
    exercise = grader.exercise(name)
    bench = grader.workbench(name)
    yield from inspect(bench)
    yield _full_marks(grader, exercise)
    yield _agrees_with_itself(grader, exercise)
    starter = read_text(exercise.folder / "starter.py")
    yield _no_points(grader, exercise, "the starter", Bundle.of_one_file("starter.py", starter, ours=True))
    for what, source in vacuous_sources(exercise):
        if what not in exercise.declared.right_without_work:
            yield _no_points(grader, exercise, what, Bundle.of_one_file("vacuous.py", source, ours=True))


def check_misconceptions(grader: Grader, name: str) -> Iterator[Check]:
    """Whether every misconception of an exercise is caught, and named as itself.

    A part of the plan decides about most: what it catches is caught, and what it tells apart stays apart.
    """
    bench = grader.workbench(name)
    for misconception in bench.exercise.misconceptions:
        others: Sequence[Misconception] = bench.exercise.misconceptions
        for part in (bench.beginning, bench.sample, bench):
            mistake = grader.mistake(part, misconception)
            seen = mistake.behaviour
            known = [(other, grader.mistake(part, other).behaviour) for other in others]
            check = _check_misconception(name, misconception, seen, diagnose(seen, known, at_least=1 - TIE))
            if check.sound:
                break
            others = [other for other, theirs in known if _alike(seen, theirs)]
        yield (
            replace(check, note=f"it raises in every case that was tried: {mistake.raises}")
            if mistake.raises
            else check
        )


def _alike(one: Behaviour, other: Behaviour) -> bool:
    """Whether two misconceptions may still be as near as a diagnosis can't tell apart."""
    return agreement_of(one, other, at_least=1 - TIE) > 0 if one or other else True


def _check_misconception(
    name: str, misconception: Misconception, seen: Behaviour, diagnosis: tuple[Diagnosis, ...]
) -> Check:
    named = [each.misconception for each in best(diagnosis)]
    caught = "caught" if seen.broken else "full marks"
    return Check(
        exercise=name,
        what=f"misconception {misconception.namespace}",
        expected="caught, and named",
        got=f"{caught}, named {', '.join(named)}" if named else f"{caught}, not named",
        sound=bool(seen.broken) and misconception.name in named,
    )


def _full_marks(grader: Grader, exercise: CourseExercise) -> Check:
    result = _grade(grader, exercise, solution_bundle(exercise))
    broken = [f"{law.name}: {law.message}" for law in result.properties if law.status != "passed"]
    together = sum(law.points for law in exercise.declared.properties)
    scaled = (
        f"its laws are worth {together} points together, and course.toml gives it {exercise.points}: marks are scaled"
    )
    return Check(
        exercise=exercise.name,
        what="the reference solution",
        expected="full marks",
        got="full marks" if not broken else "; ".join(broken),
        sound=result.status == "passed" and result.score == result.max_score,
        note="" if together == exercise.points else scaled,
    )


_RESEEDED = """

def _reseeded(function):
    import functools, random
    import numpy, torch

    @functools.wraps(function)
    def call(*args, **kwargs):
        before = torch.get_rng_state(), random.getstate(), numpy.random.get_state()
        for seed in (torch.manual_seed, random.seed, numpy.random.seed):
            seed(987654321)
        try:
            return function(*args, **kwargs)
        finally:
            torch.set_rng_state(before[0]), random.setstate(before[1]), numpy.random.set_state(before[2])

    return call


def _reseed(thing):
    if not isinstance(thing, type):
        return _reseeded(thing)
    for name, member in list(vars(thing).items()):
        if type(member) is type(_reseed) and not name.startswith("_"):
            setattr(thing, name, _reseeded(member))
    return thing
"""


def _agrees_with_itself(grader: Grader, exercise: CourseExercise) -> Check:
    """Whether the reference gives the same when it is run again, by a fresh worker, with another global seed.

    Every run of a worker begins with the same seed: without this, a reference that answers by chance would get full
    marks, and whoever draws his numbers in another order none. What a class draws when it is made is its own.
    """
    bench = grader.workbench(exercise.name)
    tasks = [task for task in bench.plan.sample(_AGAIN).tasks if task.law.needs_reference]
    again = "".join(f"{name} = _reseed({name})\n" for name in exercise.declared.entry_points)
    bundle = Bundle.of_one_file("solution.py", f"{exercise.solution}{_RESEEDED}\n{again}", ours=True)
    failing = grader.run_plan(bench.with_plan(bench.plan.only(tasks)), bundle)[0].failing()
    findings = {name: each.finding for name, each in failing.items()}
    told = [f"{name}: {each.message}" for name, each in findings.items() if each is not None and not each.raised]
    return Check(
        exercise=exercise.name,
        what="the reference, with another seed",
        expected="the same",
        got="the same" if not told else f"the reference does not agree with itself; {'; '.join(told)}",
        sound=not told,
    )


def _no_points(grader: Grader, exercise: CourseExercise, what: str, bundle: Bundle) -> Check:
    score, kept = 0, ""
    if not _nothing_comes_out_right(grader, exercise, bundle):
        graded = _grade(grader, exercise, bundle)
        score, kept = graded.score, ", ".join(f"“{each.name}”" for each in graded.properties if each.points)
    return Check(
        exercise=exercise.name,
        what=what,
        expected="0 points",
        got=f"{score} points{f' by {kept}' if score else ''}",
        sound=score == 0,
    )


def _nothing_comes_out_right(grader: Grader, exercise: CourseExercise, bundle: Bundle) -> bool:
    """Whether there is nothing to credit, whatever else the laws may say; found without most of the runs."""
    bench, trivial = grader.workbench(exercise.name), exercise.declared.trivial
    proving = (task for task in bench.plan.tasks if task.law.shows_effort and not trivial(task.case))
    part = bench.with_plan(bench.plan.only(proving))
    try:
        judge, _ = grader.run_plan(part, bundle)
    except SubmissionProblem:
        return True
    return not judge.shows_effort()


def _grade(grader: Grader, exercise: CourseExercise, bundle: Bundle) -> ExerciseResult:
    try:
        return grader.grade_code(exercise.name, bundle, path=bundle.main, explain=False)
    except SubmissionProblem as problem:
        return ExerciseResult(
            name=exercise.name, status="error", score=0, max_score=exercise.points, seconds=0.0, message=str(problem)
        )
