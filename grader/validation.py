"""Is an exercise sound? Its reference, its starter, doing nothing, and every misconception are graded as submissions.

An exercise that gives points for nothing, or that does not catch what it says students get wrong, would give wrong
marks; ``grader validate`` says so before any student is graded.
"""

from __future__ import annotations

import ast
import multiprocessing
import multiprocessing.util
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from grader.course import Course, CourseExercise, Misconception, find_course, read_text
from grader.diagnosis import Behaviour, agreement_of, diagnose
from grader.errors import InternalFault, SubmissionProblem
from grader.execution.bundles import Bundle
from grader.execution.known import in_order
from grader.execution.servers import WorkerServer, start_server
from grader.execution.traces import ItemsValue, TableValue, TensorValue, Value
from grader.grading import Grader, Options
from grader.processors import processors
from grader.report import TIE, Diagnosis, ExerciseResult, best
from grader.workbench import Workbench, solution_bundle

_AGAIN = 3  # tasks of a law

_WRAPPED = """

def _changed(value, how):
    if isinstance(value, torch.Tensor):
        return how(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float | int | str):
        return type(value)()
    if isinstance(value, dict):
        return type(value)((key, _changed(item, how)) for key, item in value.items())
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_changed(item, how) for item in value))
    if isinstance(value, tuple | list):
        return type(value)(_changed(item, how) for item in value)
    return value


def _undone(function, *args, **kwargs):
    # what it does to a module, such as to train it, would be work that earns points
    modules = [each for each in args if isinstance(each, torch.nn.Module)]
    before = [{name: value.clone() for name, value in each.state_dict().items()} for each in modules]
    parameters = [parameter for each in modules for parameter in each.parameters() if parameter.grad is not None]
    gradients = [(parameter, parameter.grad.clone()) for parameter in parameters]
    result = function(*args, **kwargs)
    for module, state in zip(modules, before):
        module.load_state_dict(state)
        module.zero_grad()
    for parameter, gradient in gradients:
        parameter.grad = gradient
    return result


def _hollow(thing, how):
    if not isinstance(thing, type):
        return lambda *args, **kwargs: _changed(_undone(thing, *args, **kwargs), how)

    class Hollow(thing):
        def __getattribute__(self, name):
            found = super().__getattribute__(name)
            return _changed(found, how) if name == "state" else found

    def hollow(method):
        return lambda self, *args, **kwargs: _changed(method(self, *args, **kwargs), how)

    for base in thing.__mro__[::-1]:
        if base is not object and not base.__module__.startswith("torch."):
            for name, member in vars(base).items():
                if callable(member) and not isinstance(member, type) and not name.startswith("_"):
                    setattr(Hollow, name, hollow(member))
    return Hollow
"""

_FUNCTION = {
    "returns None": "None",
    "returns its argument": "args[0] if args else None",
    "returns a constant": "torch.ones(2, 3, 4)",
}
_CLASS = """
class {name}(torch.nn.Module):
    def __init__(self, *args, **kwargs):
        super().__init__()

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name.startswith("_"):
                raise
            return {value}

    def forward(self, *args, **kwargs):
        return {value}

    def reset(self, *args, **kwargs):
        return None
"""
_METHOD = """
    def {name}(self, *args, **kwargs):
        return {value}
"""
_CLASS_METHOD = """
    @classmethod
    def {name}(cls, *args, **kwargs):
        return cls()
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was graded to see whether the exercise is sound.

    Attributes:
        exercise: its name.
        what: what was graded, in words.
        expected: what should have come of it.
        got: what came.
        sound: whether the two agree.
        note: what its author should look at, though it is sound.
    """

    exercise: str
    what: str
    expected: str
    got: str
    sound: bool
    note: str = ""


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
    observed = _axes_observed(bench)
    yield from _laws_that_see_nothing(bench, observed)
    yield from _sequences_that_are_not_found(bench, observed)
    yield from _scripts_that_are_wrong(bench)
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


def vacuous_sources(exercise: CourseExercise) -> Iterator[tuple[str, str]]:
    """Submissions that do nothing of what is asked, by what they do."""
    names = list(exercise.declared.entry_points)
    classes = {name for name in names if name[0].isupper()}
    for what, value in _FUNCTION.items():
        parts = ["import torch\n"]
        for name in names:
            if name in classes:
                parts.append(_CLASS.format(name=name, value=value) + _methods(exercise.solution or "", name, value))
            else:
                parts.append(f"\ndef {name}(*args, **kwargs):\n    return {value}\n")
        yield what, "".join(parts)
    raising = "".join(f"\ndef {name}(*args, **kwargs):\n    raise ValueError('no')\n" for name in names)
    yield "always raises", raising
    for what, how in (("returns zeros", "torch.zeros_like"), ("returns ones", "torch.ones_like")):
        wrapped = "".join(f"\n{name} = _hollow({name}, {how})\n" for name in names)
        yield what, f"{exercise.solution}\nimport torch\n{_WRAPPED}{wrapped}"


def _methods(solution: str, name: str, value: str) -> str:
    """Further public methods that a class of the solution has: each returns the same, class methods an instance."""
    found = [node for node in ast.parse(solution).body if isinstance(node, ast.ClassDef) and node.name == name]
    parts = []
    for method in (each for node in found for each in node.body if isinstance(each, ast.FunctionDef)):
        kinds = {ast.unparse(decorator) for decorator in method.decorator_list}
        if not method.name.startswith("_") and method.name not in ("forward", "reset") and "property" not in kinds:
            parts.append((_CLASS_METHOD if "classmethod" in kinds else _METHOD).format(name=method.name, value=value))
    return "".join(parts)


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


def _axes_observed(bench: Workbench) -> dict[str, int]:
    """The names that the reference's runs observe, each with the most axes that it has in any of them."""
    assert bench.reference is not None
    most: dict[str, int] = {}
    for key, case in in_order(bench.plan.runs, bench.plan.reference_runs).items():
        for moment in bench.reference.trace(key, case).moments:
            for name, value in moment.values.items():
                most[name] = max(most.get(name, 0), _depth(value))
    return most


def _laws_that_see_nothing(bench: Workbench, observed: Mapping[str, int]) -> Iterator[Check]:
    """A check for each law that looks at what none of the reference's runs observes: it would hold for anything."""
    for law in bench.plan.properties:
        if unseen := [name for name in law.looks_at if name not in observed]:
            names = ", ".join(f"`{name}`" for name in unseen)
            yield Check(
                exercise=bench.exercise.name,
                what=f"law {law.name}",
                expected="something to look at",
                got=f"no run observes {names}; observed are: {', '.join(observed) or 'nothing'}",
                sound=False,
            )


def _sequences_that_are_not_found(bench: Workbench, observed: Mapping[str, int]) -> Iterator[Check]:
    """A check for each name with more axes than what is observed has: it would be taken to have no sequences."""
    for name, axes in bench.exercise.declared.axes.items():
        most = observed.get(name, 0)
        if "sequence" in axes and 0 < most < len(axes) - axes.index("sequence"):
            yield Check(
                exercise=bench.exercise.name,
                what=f"axes of {name}",
                expected='an axis called "sequence"',
                got=f"{axes}, counted from the right, and `{name}` has no more than {most} axes",
                sound=False,
            )


def _depth(value: Value) -> int:
    """How many axes the tensors in a value have, levels of lists included; 0 where it holds none."""
    if isinstance(value, TensorValue):
        return len(value.shape)
    inner = value.items if isinstance(value, ItemsValue) else value.values if isinstance(value, TableValue) else ()
    deepest = max(map(_depth, inner), default=0)
    return 1 + deepest if deepest else 0


def _scripts_that_are_wrong(bench: Workbench) -> Iterator[Check]:
    """A check for the first run whose script is not Python; what a script raises is an error of its author's."""
    runs = ((task.law, bench.plan.runs[key]) for task in bench.plan.tasks for key in task.runs.values())
    for law, case in runs:
        text = law.script(case, bench.exercise.declared)
        try:
            ast.parse(text)
        except SyntaxError as error:
            line = (text.splitlines() or [""])[(error.lineno or 1) - 1]
            yield Check(
                exercise=bench.exercise.name,
                what="the scripts",
                expected="Python",
                got=f"{error.msg}: {line[:100]}",
                sound=False,
            )
            return


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
    score = 0 if _nothing_comes_out_right(grader, exercise, bundle) else _grade(grader, exercise, bundle).score
    return Check(
        exercise=exercise.name,
        what=what,
        expected="0 points",
        got=f"{score} points",
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
