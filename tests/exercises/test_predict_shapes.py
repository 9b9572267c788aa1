"""predict_shapes: the reference in integers says what torch.nn says, and refuses what torch.nn refuses."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from grader.cases import Case
from grader.course import find_course

ROOT = Path(__file__).resolve().parents[2]
DECLARED = find_course(ROOT).exercise("predict_shapes").declared
WRONG = ("wrong module", "wrong input", "wrong state")

Call = dict[str, Any]


def reference() -> Any:
    namespace: dict[str, Any] = {"__name__": "solution"}
    source = (ROOT / "solutions" / "predict_shapes" / "solution.py").read_text(encoding="utf-8")
    exec(compile(source, "solution.py", "exec"), namespace)
    return namespace["predict_shapes"]


PREDICT_SHAPES = reference()


def predicted(call: Call) -> Call | None:
    """What the reference says; ``None`` where it refuses."""
    try:
        return PREDICT_SHAPES(**call)
    except ValueError:
        return None


def tried(call: Call) -> Call | None:
    """What torch.nn says; ``None`` where it refuses, with whatever error."""
    kind, input_shape, state_shape = call["kind"], call["input_shape"], call["state_shape"]
    named = {name: value for name, value in call.items() if name not in ("kind", "input_shape", "state_shape")}
    if named["proj_size"] == 0:
        del named["proj_size"]  # to pass it at all is an error but for an LSTM
    try:
        rnn = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}[kind](**named)
        state: Any = None if state_shape is None else torch.zeros(state_shape)
        if kind == "LSTM" and state is not None:
            state = state, torch.zeros(shape_of_c(rnn, input_shape))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # projections are slower without oneDNN
            output, state = rnn(torch.zeros(input_shape), state)
    except (RuntimeError, ValueError, AssertionError, IndexError):
        return None
    h, c = state if kind == "LSTM" else (state, None)
    return {"output": tuple(output.shape), "h": tuple(h.shape), "c": None if c is None else tuple(c.shape)}


def shape_of_c(rnn: nn.LSTM, input_shape: tuple[int, ...]) -> tuple[int, ...]:
    """The right shape of c for an input, so that a refusal speaks of h."""
    if len(input_shape) not in (2, 3):
        return ()
    _, (_, c) = nn.LSTM(
        rnn.input_size,
        rnn.hidden_size,
        num_layers=rnn.num_layers,
        bidirectional=rnn.bidirectional,
        batch_first=rnn.batch_first,
    )(torch.zeros((*(max(size, 1) for size in input_shape[:-1]), rnn.input_size)))
    if len(input_shape) == 2:
        return tuple(c.shape)
    return (c.shape[0], input_shape[0 if rnn.batch_first else 1], c.shape[2])


def changed(draw: st.DrawFn, call: Call) -> Call:
    """The call with one argument drawn anew, or one axis of one shape; sizes at least 0, an ``input_size`` at least 1.

    (torch 2.6 builds modules for an ``input_size`` of 0, later versions do not; no case asks for it.)
    """
    name = draw(st.sampled_from(sorted(call)))
    value = call[name]
    match name:
        case "kind":
            value = draw(st.sampled_from(["RNN", "GRU", "LSTM"]))
        case "bidirectional" | "batch_first":
            value = not value
        case "input_shape" | "state_shape" if value:
            axis = draw(st.integers(0, len(value) - 1))
            size = draw(st.integers(0, 6))
            value = draw(
                st.sampled_from(
                    [
                        (*value[:axis], size, *value[axis + 1 :]),
                        (*value[:axis], *value[axis + 1 :]),
                        (*value[:axis], 1, *value[axis:]),
                        (*value[1:], value[0]),
                    ]
                )
            )
        case "input_shape" | "state_shape":
            value = (1,)
        case _:
            value = draw(st.integers(1 if name == "input_size" else 0, 6))
    return {**call, name: value}


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Calls that are right in up to all but three things."""
    call = draw(DECLARED.cases)["call"]
    for _ in range(draw(st.integers(0, 3))):
        call = changed(draw, call)
    return call


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(calls())
def test_the_reference_says_what_torch_says(call: Call) -> None:
    """For any arguments, right or wrong, the reference predicts what torch.nn returns, or refuses what it refuses."""
    assert predicted(call) == tried(call)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(DECLARED.cases)
def test_cases_are_what_they_say(case: Case) -> None:
    """Every case's call is taken by torch.nn, and each of its wrong variants is refused."""
    assert tried(case["call"]) is not None
    for wrong in (each for which in WRONG for each in case[which]):
        assert tried({**case["call"], **wrong["changes"]}) is None, wrong["what"]


@settings(max_examples=50, deadline=None)
@given(DECLARED.cases)
def test_large_sizes_are_right_too(case: Case) -> None:
    """The run that is asked what it costs is a call that can be answered."""
    law = next(law for law in DECLARED.properties if law.name == "computed, not tried")
    for large in law.variants(case).values():
        answer = predicted(large["large"])
        assert answer is not None
        assert min(answer["output"]) >= 1_000_000


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_no_steps_and_no_sequences(kind: str) -> None:
    """torch refuses an input without steps, and takes one without sequences."""
    call = {"kind": kind, "input_size": 2, "hidden_size": 3, "num_layers": 1, "bidirectional": False}
    call |= {"proj_size": 0, "state_shape": None}
    for shape, batch_first, taken in (
        ((5, 0, 2), False, True),
        ((0, 5, 2), False, False),
        ((0, 5, 2), True, True),
        ((5, 0, 2), True, False),
        ((0, 2), True, False),
        ((0, 0, 2), False, False),
    ):
        whole = {**call, "input_shape": shape, "batch_first": batch_first}
        assert (tried(whole) is not None) is taken
        assert predicted(whole) == tried(whole)


def test_each_call_gives_a_new_dict() -> None:
    """Two calls with the same arguments share nothing."""
    first, second = (PREDICT_SHAPES("GRU", (5, 4, 2), input_size=2, hidden_size=3) for _ in range(2))
    assert first == second
    assert first is not second
