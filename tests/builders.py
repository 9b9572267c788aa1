"""Small builders for what tests make by hand: values, traces, evidence, cases, exercises."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from grader.cases import Case, RnnSpec, Sequences
from grader.course import CourseExercise, Exercise
from grader.execution.traces import (
    Failure,
    ItemsValue,
    Moment,
    PlainValue,
    RefusalValue,
    TableValue,
    TensorValue,
    Trace,
    Value,
)
from grader.properties import Evidence
from grader.properties.base import AS_IT_IS
from grader.report import Attempt, Protection

PROTECTION = Protection(
    level="weak",
    means=("limits",),
    attempts=(
        Attempt(what="take more memory", blocked=True, by=("limits",), needed_for="weak", improve=""),
        Attempt(what="read other files", blocked=False, by=(), needed_for="good", improve="use Landlock"),
    ),
)

# With the first seed 0, isolation changes sequence 0, fills sequence 1 with NaN, and puts the last sequence first.
CASE = Case(
    parts={
        "rnn": RnnSpec(kind="GRU", input_size=2, hidden_size=3),
        "sequences": Sequences(seeds=(0, 1, 2), lengths=(4, 4, 4), features=2),
    }
)
RAISED = Failure(
    kind="raised",
    text="list index out of range",
    types=("IndexError", "LookupError", "Exception", "BaseException", "object"),
    file="homework.py",
    line=7,
    function="run",
)


def tensor(
    numbers: Any,
    *,
    dtype: str = "float64",
    device: str = "cpu",
    requires_grad: bool = False,
    grad_fn: str | None = None,
    contiguous: bool = True,
) -> TensorValue:
    """An observed tensor of these numbers; on ``meta`` only their shape is kept."""
    array = np.asarray(numbers, dtype="float32" if dtype == "bfloat16" else dtype)
    return TensorValue(
        shape=array.shape,
        dtype=dtype,
        device=device,
        contiguous=contiguous,
        requires_grad=requires_grad,
        grad_fn=grad_fn,
        array=None if device == "meta" else array,
    )


def a_tuple(*items: Value, type_name: str = "tuple") -> ItemsValue:
    """An observed tuple."""
    return ItemsValue(base="tuple", type_name=type_name, items=items)


def a_list(*items: Value) -> ItemsValue:
    """An observed list."""
    return ItemsValue(base="list", type_name="list", items=items)


def a_dict(*, type_name: str = "dict", **items: Value) -> TableValue:
    """An observed dict."""
    return TableValue(type_name=type_name, keys=tuple(items), values=tuple(items.values()))


def plain(value: Any) -> PlainValue:
    """An observed number, text, bool or ``None``."""
    return PlainValue(value=value)


def refusal(*types: str, text: str = "", expected: str = "ValueError") -> RefusalValue:
    """What came of a call that must be refused."""
    return RefusalValue(types=types, expected=expected, text=text)


def seen(*moments: Mapping[str, Value], failure: Failure | None = None) -> Trace:
    """The trace of a run in which these values were observed, one mapping a moment."""
    return Trace(moments=tuple(Moment(values=values) for values in moments), failure=failure)


def evidence(
    traces: Mapping[str, Trace] | Trace,
    reference: Mapping[str, Trace] | Trace | None = None,
    *,
    case: Case = CASE,
    axes: Mapping[str, tuple[str, ...]] | None = None,
) -> Evidence:
    """Evidence from traces by label; a single trace is that of the case as it is."""
    return Evidence(
        case=case,
        traces={AS_IT_IS: traces} if isinstance(traces, Trace) else traces,
        reference={AS_IT_IS: reference} if isinstance(reference, Trace) else reference,
        axes=axes or {},
        signatures={"run": "run(rnn, inputs, state=None)"},
    )


def numbered(draw_from: st.SearchStrategy[int]) -> st.SearchStrategy[Case]:
    """Cases that hold one number."""
    return st.builds(lambda n: Case(parts={"n": n}), draw_from)


def course_exercise(*, properties: tuple[Any, ...] = (), identity: str = "1", **declared: Any) -> CourseExercise:
    """An exercise that is nowhere on the disk; its cases hold one number from 0 to 999."""
    fields = {
        "title": "An exercise",
        "level": "foundation",
        "entry_points": {"run": "run(rnn, inputs, state=None)"},
        "cases": numbered(st.integers(0, 999)),
        "axes": {},
        "script": lambda case: "run()",
        **declared,
    }
    return CourseExercise(
        name="made_up",
        points=10,
        declared=Exercise(properties=properties, **fields),
        drive="",
        solution=None,
        misconceptions_source=None,
        misconceptions=(),
        folder=Path("exercises") / "made_up",
        solutions=Path("solutions") / "made_up",
        identity=identity,
    )
