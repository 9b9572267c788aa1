"""A mistake that shows in double precision only: it costs the law of dtypes, and no other."""

from __future__ import annotations

import pytest

from grader.cases import Case
from grader.course import Course
from grader.execution.cache import Cache
from grader.execution.servers import ForkServer
from grader.grading import Grader, Options
from grader.submission import read_submission
from tests.conftest import ROOT, GradeSource
from tests.sources import lost

SUBMISSIONS = ROOT / "tests/submissions"
JUDGED = "Judged in single precision; that it fails in double precision counts in “{}”."


@pytest.mark.parametrize(
    ("exercise", "name", "laws"),
    [
        ("unroll", "zeros_of_the_default_dtype", ["device and dtype of the cell"]),
        ("unroll", "outputs_written_into_float32", ["device and dtype of the cell"]),
        ("run_batch", "padded_in_float32", ["device and dtype of the module"]),
        ("train_truncated", "inputs_made_float32", ["device and dtype of the model"]),
        ("stateful_rnn", "default_dtype_zeros", ["dtype of the module"]),
        ("stream_server", "zeros_of_the_default_dtype", ["device and dtype of the module"]),
    ],
)
def test_one_mistake_costs_one_law(
    course: Course, server: ForkServer, cache: Cache, exercise: str, name: str, laws: list[str]
) -> None:
    """Whether it raises in double precision or rounds, what is right in single precision keeps its points."""
    path = SUBMISSIONS / exercise / "wrong" / f"{name}.py"
    grader = Grader(course, Options(max_examples=20, device="cpu"), server=server, cache=cache)
    (result,) = grader.grade_submission(read_submission(path), [exercise]).exercises
    assert lost(result) == laws
    assert JUDGED.format(laws[0]) in {law.message for law in result.properties if law.points}


def test_what_raises_in_any_precision_costs_no_more_than_by_itself(
    grade_source: GradeSource, plain_grader: Grader
) -> None:
    """Two mistakes, a state of the default dtype and pairs that come as lists, cost what each of them does."""
    source = (SUBMISSIONS / "unroll/wrong" / "zeros_of_the_default_dtype.py").read_text()
    refuses_lists = "    if isinstance(state, list):\n        raise TypeError('lists are not for me')\n"
    begin = "def unroll(cell, inputs, state=None):\n"
    assert begin in source
    both = lost(grade_source(source.replace(begin, begin + refuses_lists), "unroll", grader=plain_grader))
    assert both == [
        "outputs of every step",
        "the state after the last step",
        "gradients reach every earlier step",
        "device and dtype of the cell",
    ]


def test_another_mistake_is_told_in_single_precision(grade_source: GradeSource, plain_grader: Grader) -> None:
    """What is wrong in any precision is lost beside it, with a case and a message in which the dtype plays no part."""
    source = (SUBMISSIONS / "stateful_rnn/wrong" / "default_dtype_zeros.py").read_text()
    result = grade_source(source.replace("n.detach() for n in", "n for n in"), "stateful_rnn", grader=plain_grader)
    assert [law.name for law in result.properties if law.status == "failed"] == [
        "each call can be backpropagated alone",
        "the state is cut",
        "memory is flat",
        "dtype of the module",
    ]
    cut = next(law for law in result.properties if law.name == "the state is cut")
    assert "still hangs on the graph" in cut.message
    assert cut.counterexample is not None
    assert cut.counterexample.case["dtype"] == "float32"
    assert "dtype=torch.float64" not in cut.counterexample.script.partition("def run_1")[2]


def test_other_peoples_cases(plain_grader: Grader) -> None:
    """In the pool, cases in double precision cost nothing who has lost the law of dtypes."""
    submission = read_submission(SUBMISSIONS / "unroll/wrong" / "zeros_of_the_default_dtype.py")
    bench = plain_grader.workbench("unroll")
    double = next(case for case in bench.plan.cases if fails_by_its_dtype(case))
    cases = [(law.name, double) for law in bench.plan.properties if not law.of_dtypes]
    assert plain_grader.try_cases(submission, "unroll", cases, [name for name, _ in cases]) == ()
    every = [law.name for law in bench.plan.properties]
    assert {law.name for law in plain_grader.try_cases(submission, "unroll", cases, every)} == {
        "device and dtype of the cell"
    }


def fails_by_its_dtype(case: Case) -> bool:
    return case.dtype == "float64" and case["state"] is None
