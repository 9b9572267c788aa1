"""What is kept between calls costs the law that tells of it; the others are judged by runs apart."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from grader.apart import AGAIN, FIRST
from grader.grading import Grader
from grader.submission import read_submission
from tests.conftest import ROOT, GradeSource
from tests.sources import lost

KEPT = (
    "Right in a new process, and wrong after other calls: something is kept between them, in a global, in the class, "
    "in a default argument or in a cache; or chance is at work. "
)
UNROLL = """
import torch

kept = {}

def unroll(cell, inputs, state=None):
    state = state if state is not None else kept.get((type(cell), inputs.dtype, inputs.shape[1], cell.hidden_size))
    outputs = []
    for step in inputs:
        state = cell(step, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    kept[type(cell), inputs.dtype, inputs.shape[1], cell.hidden_size] = (
        tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
    )
    return torch.stack(outputs), state
"""

UNROLL_OF_DEFAULT_DTYPE = UNROLL.replace("inputs.dtype, ", "").replace(
    "    outputs = []\n",
    "    if state is None:\n"
    "        h = torch.zeros(inputs.shape[1], cell.hidden_size)\n"
    "        state = (h, h) if isinstance(cell, torch.nn.LSTMCell) else h\n"
    "    outputs = []\n",
)

OUTPUTS_OF_ALL_CALLS = (ROOT / "tests/submissions/unroll/wrong/mutable_default_list.py").read_text(encoding="utf-8")


@pytest.fixture
def grade(grade_source: GradeSource, plain_grader: Grader) -> GradeSource:
    """Grades a source without looking for misconceptions."""
    return partial(grade_source, grader=plain_grader)


@pytest.fixture
def in_a_global() -> str:
    """train_truncated with a state that is kept in a global."""
    source = (ROOT / "solutions/train_truncated/solution.py").read_text(encoding="utf-8")
    return source.replace(
        "    losses: list[float] = []\n",
        "    global before\n    losses: list[float] = []\n    state = state if state is not None else before\n",
    ).replace("    return losses, state", "    before = state\n    return losses, state\n\n\nbefore = None")


def test_one_law_tells_of_it(grade: GradeSource, in_a_global: str) -> None:
    """The first that shows it, by a case that is right when it runs first and wrong when it runs again."""
    result = grade(in_a_global, "train_truncated")
    (told,) = (law for law in result.properties if law.points < law.max_points)
    assert told.message.startswith(KEPT)
    judged = f"Judged by runs in processes of their own; what is kept between calls counts in “{told.name}”."
    assert judged in {law.message for law in result.properties}
    assert told.counterexample is not None
    assert f"def run_1():  # {FIRST}\n" in told.counterexample.script
    assert f"def run_2():  # {AGAIN}\n" in told.counterexample.script


def test_its_script_shows_it(grade: GradeSource, in_a_global: str) -> None:
    """Whoever runs it sees two results of the same."""
    result = grade(in_a_global, "train_truncated")
    (script,) = (law.counterexample.script for law in result.properties if law.counterexample is not None)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    losses = [line for line in [*done.stdout.splitlines(), *done.stderr.splitlines()] if "losses:" in line]
    assert len(losses) == 1 or losses[0] != losses[1]
    assert losses or "Error" in done.stderr


def test_a_law_that_speaks_of_other_calls_tells_of_it(grade: GradeSource) -> None:
    """Where an exercise has one, it is lost, and so is what fails in a single run; nothing else."""
    assert lost(grade(UNROLL, "unroll")) == ["nothing kept", "the same every time"]


def test_what_is_wrong_alone_is_lost_beside_it(grade: GradeSource) -> None:
    """With a case that shows it to who runs nothing else."""
    result = grade(UNROLL.replace("return torch.stack(outputs)", "return 2 * torch.stack(outputs)"), "unroll")
    assert lost(result) == [
        "outputs of every step",
        "gradients reach every earlier step",
        "nothing kept",
        "the same every time",
    ]


def test_a_default_dtype_beside_it(grade: GradeSource) -> None:
    """Each costs its own laws: what fails in double precision is judged apart in single precision."""
    seen = {*lost(grade(UNROLL_OF_DEFAULT_DTYPE, "unroll"))} - {"nothing kept"}  # for which few cases may be too few
    assert seen == {"device and dtype of the cell", "the same every time"}


def test_another_mistake_of_which_the_first_law_tells(grade: GradeSource, in_a_global: str) -> None:
    """What is confirmed has failed in a process of its own, and not after the runs of another law."""
    source = in_a_global.replace("loss.item()", "2 * loss.item()")
    assert source != in_a_global
    result = grade(source, "train_truncated")
    assert lost(result) == ["one loss a window", "the state goes on"]
    assert result.properties[1].message.startswith(KEPT)


def test_other_peoples_cases(grade: GradeSource, plain_grader: Grader, tmp_path_factory) -> None:
    """In the pool, who has lost a law to it loses no other one."""
    lost_already = lost(grade(UNROLL, "unroll"))
    path = tmp_path_factory.mktemp("pool") / "submission.py"
    path.write_text(UNROLL)
    bench = plain_grader.workbench("unroll")
    cases = [(task.law.name, task.case) for task in bench.plan.tasks if task.law.name not in lost_already]
    names = {name for name, _ in cases}
    assert plain_grader.try_cases(read_submission(path), "unroll", cases, names) == ()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        pytest.param(UNROLL_OF_DEFAULT_DTYPE, {"device and dtype of the cell"}, id="a default dtype"),
        pytest.param(OUTPUTS_OF_ALL_CALLS, set(), id="kept only"),
    ],
)
def test_other_peoples_cases_in_double_precision(
    plain_grader: Grader, tmp_path: Path, source: str, told: set[str]
) -> None:
    """The law of dtypes, which none of the cases is for, is tried besides, and told where it is broken alone, too."""
    path = tmp_path / "submission.py"
    path.write_text(source)
    tasks = [task for task in plain_grader.workbench("unroll").plan.tasks if task.case.dtype == "float64"]
    cases = [(task.law.name, task.case) for task in tasks if not (task.law.of_dtypes or task.law.of_other_calls)]
    names = {"device and dtype of the cell", *(name for name, _ in cases)}
    broken = plain_grader.try_cases(read_submission(path), "unroll", cases, names)
    assert {law.name for law in broken} & {"device and dtype of the cell"} == told
    assert broken
