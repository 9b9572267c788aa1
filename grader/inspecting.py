"""What is wrong in an exercise as it is declared: seen in its files and in the reference's runs; nothing is graded."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.course import CourseExercise, read_text
from grader.execution.known import in_order
from grader.execution.traces import ItemsValue, TableValue, TensorValue, Value
from grader.workbench import Workbench


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


def inspect(bench: Workbench) -> Iterator[Check]:
    """A check for each thing that is wrong."""
    observed = _axes_observed(bench)
    yield from _laws_that_see_nothing(bench, observed)
    yield from _sequences_that_are_not_found(bench, observed)
    yield from _scripts_that_are_wrong(bench)
    yield from _torch_where_it_must_not_be(bench.exercise)
    yield from _nothing_shows_effort(bench.exercise)


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


def _torch_where_it_must_not_be(exercise: CourseExercise) -> Iterator[Check]:
    """A check for an ``exercise.py`` that imports torch into the process of the grader, which has none."""
    imported: list[str] = []
    for node in ast.walk(ast.parse(read_text(exercise.folder / "exercise.py"))):
        if isinstance(node, ast.Import):
            imported += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported.append(node.module or "")
    if any(name.partition(".")[0] == "torch" for name in imported):
        yield Check(
            exercise=exercise.name,
            what="exercise.py",
            expected="no torch in the grader's own process",
            got="it imports torch; do so in drive.py, where tensors are made",
            sound=False,
        )


def _nothing_shows_effort(exercise: CourseExercise) -> Iterator[Check]:
    """A check for an exercise without the one law that shows that work was done."""
    if not any(law.shows_effort for law in exercise.declared.properties):
        yield Check(
            exercise=exercise.name,
            what="the laws",
            expected="an Equivalence, which shows that work was done",
            got="none, so no law gives points",
            sound=False,
        )


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
