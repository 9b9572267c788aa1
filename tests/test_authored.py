"""What authors get wrong in exercise.py: each mistake is told as theirs, with the file, what came and what to try."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.course import CourseExercise, find_course
from grader.errors import UsageError
from grader.execution.cache import Cache
from grader.execution.servers import ForkServer
from grader.grading import Grader, Options
from grader.planning import draw_cases
from grader.scaffolding import write_exercise
from grader.submission import read_submission


def read(root: Path, old: str, new: str) -> CourseExercise:
    """The exercise that ``grader new`` writes, read with one change in its exercise.py."""
    write_exercise(root, "run_it")
    path = root / "exercises" / "run_it" / "exercise.py"
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new), encoding="utf-8")
    return find_course(root).exercise("run_it")


def told(caught: pytest.ExceptionInfo[UsageError], root: Path) -> str:
    """The message, with the exercise's file as FILE."""
    assert caught.value.exit_code == 2
    return str(caught.value).replace(str(root.resolve() / "exercises" / "run_it" / "exercise.py"), "FILE")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'points=5, of=("outputs",)',
            'points=5, of=("outputs")',
            "FILE: `of` of the law 'the outputs of every step' must be a tuple, each item a text, got 'outputs'. "
            "A comma makes it a tuple: of=('outputs',).",
        ),
        (
            'cases=12, of=("outputs",)',
            'cases=12, of=("output",)',
            "FILE: the law 'sequences are isolated' must know which axis of `output` is called \"sequence\", "
            "and axes names only outputs.",
        ),
        (
            '("step", "sequence", "feature")',
            '("step", "batch", "feature")',
            "FILE: the law 'sequences are isolated' must know which axis of `outputs` is called \"sequence\", "
            "and axes['outputs'] is ('step', 'batch', 'feature').",
        ),
        (
            "cases=cases()",
            "cases=cases",
            "FILE: `cases` of the Exercise must be a strategy, got a function. Call it: cases=cases().",
        ),
        (
            '("step", "sequence", "feature")',
            '"sequence"',
            "FILE: `axes` of the Exercise must be a dict, each value a tuple, each item a text, "
            "got {'outputs': 'sequence'}.",
        ),
        (
            "cases=12",
            "suits='all'",
            "FILE: `suits` of the law 'sequences are isolated' must be a function, got 'all'.",
        ),
        ("points=5", 'points="5"', "FILE: `points` of the law 'the outputs of every step' must be a whole number, "),
        (
            "points=2",
            "points=-2",
            "FILE: the law 'device and dtype of the module' must be worth at least 1 point, got -2.",
        ),
        ("points=2", "points=0", "FILE: the law 'device and dtype of the module' must be worth at least 1 point, "),
        (
            "\nexercise = ",
            "\nexercises = ",
            "FILE defines no `exercise`: expected exercise = Exercise(...). "
            "What it calls `exercises` must have that name.",
        ),
    ],
    ids=[
        "comma forgotten",
        "no such name",
        "no axis of that name",
        "cases not called",
        "axes a text",
        "suits a text",
        "points a text",
        "points below zero",
        "no points",
        "another name",
    ],
)
def test_what_is_wrong_when_it_is_read(tmp_path: Path, old: str, new: str, message: str) -> None:
    """A value of another kind, a law without its axis or without points are found before anything is run."""
    with pytest.raises(UsageError) as caught:
        read(tmp_path, old, new)
    assert told(caught, tmp_path).startswith(message)


RETURNED = 'return Case(parts={"rnn": rnn, "inputs": inputs})'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (RETURNED, "pass", "FILE: the strategy `cases` must draw a Case, got None. Does it return one?"),
        (
            "gs.rnn_specs(max_layers=2)",
            "st.nothing()",
            "FILE: the strategy `cases` draws no case at all: expected 3. It draws from st.nothing(), or a filter or "
            "an assume() of it is never met; draw from what suits instead.",
        ),
        (
            "gs.rnn_specs(max_layers=2)",
            "gs.rnn_specs(max_layers=2).filter(lambda spec: spec.num_layers > 2)",
            "FILE: the strategy `cases` draws no case at all: expected 3. It draws from st.nothing(), or a filter or "
            "an assume() of it is never met; draw from what suits instead.",
        ),
        (
            "gs.rnn_specs(max_layers=2)",
            "st.integers(5, 1)",
            "FILE, line 13, in cases: the strategy `cases` raised InvalidArgument: "
            "Cannot have max_value=1 < min_value=5",
        ),
        (
            RETURNED,
            RETURNED.replace("inputs}", "inputs, 'x': object}"),
            "FILE: the strategy `cases` makes a case whose 'x' can't be sent to a worker: expected parts of "
            "grader.cases, numbers, texts, True, False, None, and lists and dicts of these, got <class 'object'>. "
            "Draw what it is made from, and make it in drive.py.",
        ),
    ],
    ids=["returns nothing", "nothing to draw", "a filter that is never met", "raises", "a part that is no JSON"],
)
def test_a_strategy_that_is_wrong(tmp_path: Path, old: str, new: str, message: str) -> None:
    """What goes wrong while cases are drawn is the strategy's, and the line is named where there is one."""
    exercise = read(tmp_path, old, new)
    with pytest.raises(UsageError) as caught:
        draw_cases(exercise, seed=1, max_examples=3, cache=Cache(tmp_path / "cache"), salt="")
    assert told(caught, tmp_path) == message


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ("case['nothing']", "FILE, line 6, in cut: `cut` of the law 'in pieces' raised KeyError: 'nothing'"),
        ("case.parts", "FILE: `cut` of the law 'in pieces' must return a Case or None, got {'rnn': RnnSpec("),
        ("case.with_options(cut={1})", "FILE: `cut` of the law 'in pieces' makes a case whose 'cut' can't be sent to "),
    ],
    ids=["raises", "another kind", "no JSON"],
)
def test_a_function_of_a_law_that_is_wrong(tmp_path: Path, returned: str, message: str) -> None:
    """What a function of a law raises, or returns instead of a case, is told with the law and the line."""
    law = '\n        ChunksEqualWhole(name="in pieces", points=3, of=("outputs",), cut=cut),'
    top = f'"""Run it."""\n\nfrom grader.properties import ChunksEqualWhole\n\ndef cut(case):\n    return {returned}\n'
    exercise = _with_law(tmp_path, top, law)
    (case, *_) = draw_cases(exercise, seed=1, max_examples=3, cache=Cache(tmp_path / "cache"), salt="")
    with pytest.raises(UsageError) as caught:
        exercise.declared.properties[0].wanted(case)
    assert told(caught, tmp_path).startswith(message)


def _with_law(root: Path, top: str, law: str) -> CourseExercise:
    write_exercise(root, "run_it")
    path = root / "exercises" / "run_it" / "exercise.py"
    source = path.read_text(encoding="utf-8").replace("properties=(", f"properties=({law}")
    path.write_text(
        top + source.replace("points=3, cases=12", "points=0 + 1, cases=12").replace("points=2", "points=1"),
        encoding="utf-8",
    )
    return find_course(root).exercise("run_it")


def test_a_script_that_is_wrong(tmp_path: Path) -> None:
    """So is what a script raises; and it must return a text."""
    exercise = read(tmp_path, 'case["inputs"]', 'case["input"]')
    (case, *_) = draw_cases(exercise, seed=1, max_examples=3, cache=Cache(tmp_path / "cache"), salt="")
    with pytest.raises(UsageError) as caught:
        exercise.declared.script(case)
    assert told(caught, tmp_path) == "FILE, line 20, in script: `script` of the Exercise raised KeyError: 'input'"


def test_what_is_right_is_left_alone(tmp_path: Path) -> None:
    """An exercise that is sound gives the cases that its own strategy draws, and its functions what they give."""
    exercise = read(tmp_path, "max_layers=2", "max_layers=2")
    (case, *_) = draw_cases(exercise, seed=1, max_examples=3, cache=Cache(tmp_path / "cache"), salt="")
    found: dict[str, Any] = {law.name: law.wanted(case) for law in exercise.declared.properties}
    assert list(found["the outputs of every step"].values()) == [case]
    assert exercise.declared.script(case).startswith("torch.manual_seed(")
    assert exercise.declared.trivial(case) is False


# Code that workers run

DRIVE, SOLUTION, WRONG = (
    "exercises/run_it/drive.py",
    "solutions/run_it/solution.py",
    "solutions/run_it/misconceptions.py",
)


def changed(root: Path, file: str, old: str, new: str) -> Path:
    """A course with the exercise that ``grader new`` writes, with one change in a file."""
    write_exercise(root, "run_it")
    path = root / file
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new), encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (DRIVE, "observe):", "observe)", "FILE, line 6: this is not Python: expected ':'."),
        (
            DRIVE,
            "def drive(",
            "def driver(",
            "FILE defines no function `drive`: expected def drive(submission, case, observe).",
        ),
        (DRIVE, "(submission, case, ", "(submission, ", "FILE, line 6: expected drive(submission, case, observe)."),
        (SOLUTION, "-> Tensor:", "-> Tensor", "FILE, line 6: this is not Python: expected ':'."),
        (WRONG, "rnn(inputs)[0].", "rnn(inputs[0].", "FILE, line 14: this is not Python: '(' was never closed."),
    ],
    ids=["drive", "no drive", "a drive of two arguments", "reference", "misconceptions"],
)
def test_what_can_be_seen_in_the_text(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    """What is not Python, and a drive that can't be called, are found before anything is run."""
    course = find_course(changed(tmp_path, file, old, new))
    with pytest.raises(UsageError) as caught:
        course.exercise("run_it")
    assert str(caught.value).replace(str(tmp_path.resolve() / file), "FILE") == message


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            DRIVE,
            "import build_rnn,",
            "import build_rnns,",
            "FILE, line 3, in <module>: it can't be executed: ImportError: cannot import name 'build_rnns' from ",
        ),
        (
            DRIVE,
            "submission.run_it(",
            "submision.run_it(",
            "FILE, line 8, in drive: the drive raised NameError: name 'submision' is not defined, when it ran ",
        ),
        (
            SOLUTION,
            "    return",
            "    raise ValueError('not yet')\n    return",
            "FILE, line 9: the reference raised ValueError: not yet, in a case as it is drawn. Nothing can be ",
        ),
        (SOLUTION, "def run_it", "def run", "FILE: it does not define `run_it`, which the entry_points of "),
        (
            SOLUTION,
            "from torch",
            "from torsch",
            "FILE, line 3: it can't be executed: ModuleNotFoundError: No module named 'torsch'.",
        ),
    ],
    ids=[
        "a drive that can't be executed",
        "a drive that raises",
        "a reference that raises",
        "another name",
        "no such package",
    ],
)
def test_what_shows_when_the_reference_runs(
    tmp_path: Path, server: ForkServer, cache: Cache, file: str, old: str, new: str, message: str
) -> None:
    """A drive or a solution that can't be run is named with its folder and line, and blamed on no one else."""
    course = find_course(changed(tmp_path, file, old, new))
    grader = Grader(course, Options(device="cpu", max_examples=3), server=server, cache=cache)
    with pytest.raises(UsageError) as caught:
        grader.workbench("run_it")
    assert str(caught.value).replace(str(tmp_path.resolve() / file), "FILE").startswith(message)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "def run_it",
            "def run",
            "FILE: the class BatchAxisFirst does not define `run_it`, which the entry_points of exercise.py ask for.",
        ),
        (
            '"""What',
            'import torsch\n"""What',
            "FILE, line 1: it can't be executed: ModuleNotFoundError: No module named 'torsch'.",
        ),
    ],
    ids=["another name", "no such package"],
)
def test_a_misconception_that_cannot_be_run(
    tmp_path: Path, server: ForkServer, cache: Cache, old: str, new: str, message: str
) -> None:
    """So is a misconception, with its class."""
    course = find_course(changed(tmp_path, WRONG, old, new))
    grader = Grader(course, Options(device="cpu", max_examples=3), server=server, cache=cache)
    bench = grader.workbench("run_it")
    with pytest.raises(UsageError) as caught:
        grader.mistakes(bench)
    assert str(caught.value).replace(str(tmp_path.resolve() / WRONG), "FILE") == message


def test_students_are_told_nothing_of_the_drive(tmp_path: Path, server: ForkServer, cache: Cache) -> None:
    """Where a drive can't use what a submission returns, neither its line nor its name is in what is said of that."""
    course = find_course(changed(tmp_path, DRIVE, "observe(outputs=", "observe(outputs=0 + "))
    grader = Grader(course, Options(device="cpu", max_examples=3), server=server, cache=cache)
    (tmp_path / "hw.py").write_text("def run_it(rnn, inputs):\n    return 'outputs'\n", encoding="utf-8")
    result = grader.grade_submission(read_submission(tmp_path / "hw.py"), ["run_it"]).exercises[0]
    messages = [law.message for law in result.properties]
    assert messages[0].startswith("What your code returned could not be used as it should be: TypeError: ")
    assert "drive" not in "".join(messages)
