"""Structures and plain values that a worker sends, and the moments in which it does."""

from __future__ import annotations

import itertools
import json
import math
from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.execution.materials import Accepted, Refused
from grader.execution.observation import graph_nodes, heap_bytes, new_encoder, new_observer, safe_text
from grader.execution.protocol import MAX_JSON_BYTES
from grader.execution.traces import ItemsValue, OpaqueValue, PlainValue, RefusalValue, TableValue, TensorValue, Value
from tests.execution.test_observation import there_and_back

State = namedtuple("State", "h c")


class Kept(list):
    """A list of one's own."""


class Half(float):
    """A float of one's own, which lies about itself."""

    def __float__(self) -> float:
        return 99.0

    __str__ = __repr__ = lambda self: "99"  # type: ignore[assignment]


PLAIN = {
    "None": (None, PlainValue(value=None)),
    "a bool": (True, PlainValue(value=True)),
    "an int": (-3, PlainValue(value=-3)),
    "a float": (0.1, PlainValue(value=0.1)),
    "infinity": (math.inf, PlainValue(value=math.inf)),
    "a float of a subclass": (Half(0.5), PlainValue(value=0.5)),
    "a float of numpy": (np.float64(0.5), PlainValue(value=0.5)),
    "a string": ("h\udc80\n", PlainValue(value="h\udc80\n")),
    "a long string": ("x" * 5_000, PlainValue(value="x" * 2_000)),
    "an int of numpy": (np.int64(3), OpaqueValue(type_name="int64")),
    "an int without bounds": (1 << 64, OpaqueValue(type_name="int")),
    "an array": (np.zeros(3), OpaqueValue(type_name="ndarray")),
    "a set": ({1}, OpaqueValue(type_name="set")),
    "a function": (math.sin, OpaqueValue(type_name="builtin_function_or_method")),
    "a call that was refused": (
        Refused(IndexError("no"), LookupError),
        RefusalValue(
            types=("IndexError", "LookupError", "Exception", "BaseException", "object"),
            expected="LookupError",
            text="no",
        ),
    ),
    "a call that was refused with an error of the right name": (
        Refused(type("Trouble", (Exception,), {})("no"), type("Trouble", (Exception,), {})),
        RefusalValue(
            types=("another class called Trouble", "Exception", "BaseException", "object"),
            expected="Trouble",
            text="no",
        ),
    ),
    "a call that was accepted": (Accepted(ValueError), RefusalValue(types=(), expected="ValueError", text="")),
    "an empty tuple": ((), ItemsValue(base="tuple", type_name="tuple", items=())),
    "a named tuple": (
        State(1, None),
        ItemsValue(base="tuple", type_name="State", items=(PlainValue(value=1), PlainValue(value=None))),
    ),
    "a list of a subclass": (Kept([1]), ItemsValue(base="list", type_name="Kept", items=(PlainValue(value=1),))),
    "an ordered dict": (
        OrderedDict(b=1, a=2),
        TableValue(type_name="OrderedDict", keys=("b", "a"), values=(PlainValue(value=1), PlainValue(value=2))),
    ),
    "a dict with any keys": (
        {1: None, (2, 3): None},
        TableValue(type_name="dict", keys=("1", "(2, 3)"), values=(PlainValue(value=None),) * 2),
    ),
}


@pytest.mark.parametrize(("value", "expected"), PLAIN.values(), ids=PLAIN)
def test_values_arrive_with_structure_and_types(value: Any, expected: Value) -> None:
    """Plain values, containers of any class, and refusals arrive; of all else only the type is known."""
    assert there_and_back(value) == expected


LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=5)
TENSORS = st.integers(0, 4).map(lambda n: torch.arange(float(n)))
NESTED = st.recursive(
    LEAVES | TENSORS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


def rebuilt(value: Value) -> Any:
    """What a value stands for; tensors as lists of a class that no drawn value has."""
    match value:
        case ItemsValue():
            return (tuple if value.base == "tuple" else list)(rebuilt(item) for item in value.items)
        case TableValue():
            return dict(zip(value.keys, map(rebuilt, value.values), strict=True))
        case TensorValue():
            return ("tensor", value.array.tolist())
        case _:
            return value.value


def flattened(value: Any) -> Any:
    """The same of the value that was sent."""
    match value:
        case torch.Tensor():
            return ("tensor", value.tolist())
        case list() | tuple():
            return type(value)(flattened(item) for item in value)
        case dict():
            return {key: flattened(item) for key, item in value.items()}
    return value


@given(NESTED)
def test_any_nesting_arrives_as_it_was(value: Any) -> None:
    """Whatever is built of tuples, lists, dicts, tensors and plain values comes out of the wire as it went in."""
    assert repr(rebuilt(there_and_back(value))) == repr(flattened(value))


def test_structures_without_end_are_cut() -> None:
    """A list that holds itself, or is nested without reason, ends in an opaque value at a bounded depth and size."""
    cyclic: list[Any] = [1]
    cyclic += [cyclic, cyclic]
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    for value in (cyclic, deep):
        text = json.dumps(new_encoder().encode(value))
        assert "a structure too deep or too large" in text
        assert len(text) < MAX_JSON_BYTES


@pytest.mark.parametrize(
    ("value", "begins"),
    [
        pytest.param([0] * 20_000, [0] * 100, id="many numbers"),
        pytest.param(["x" * 1_000] * 200, ["x" * 1_000] * 40, id="long texts together"),
        pytest.param({f"{i}" * 15: None for i in range(20_000)}, None, id="long names together"),
    ],
)
def test_plain_containers_are_cut(value: Any, begins: list[Any] | None) -> None:
    """What is in JSON what it is here is bounded, too: up to where there is no room, and then that there was more."""
    encoded = new_encoder().encode(value)
    came = encoded["items" if isinstance(value, list) else "values"]
    assert begins is None or came[: len(begins)] == begins
    assert came[-1] == {"t": "opaque", "type": "a structure too deep or too large"}
    assert len(came) < len(value)
    assert len(json.dumps(encoded)) < MAX_JSON_BYTES


def test_what_only_looks_plain_is_looked_at_one_by_one() -> None:
    """Numbers too large for JSON, texts and names that are too long, names that are none, and classes of one's own."""

    class Mine(str):
        __slots__ = ()

    cut = new_encoder().encode(["y" * 3_000, 2**70, True, None, 1.5, Mine("z")])["items"]
    assert cut[0] == "y" * 2_000
    assert cut[1] == {"t": "opaque", "type": "int"}
    assert cut[2:5] == [True, None, 1.5]
    assert cut[5] == {"t": "opaque", "type": "Mine"}
    table = new_encoder().encode({"n" * 100: 1, 7: 2})
    assert (table["keys"], table["values"]) == (["n" * 80, "7"], [1, 2])


def test_a_text_that_raises_is_still_a_text() -> None:
    """``safe_text`` bounds a text and survives one that can't be made."""

    class Bad:
        def __str__(self) -> str:
            raise SystemExit

    assert safe_text(Bad()) == "<SystemExit while its text was made>"
    assert safe_text("x" * 9_999) == "x" * 2_000


# Moments


def test_an_observer_keeps_moments_in_order() -> None:
    """Each call is one moment with the names it was given; a run that does not measure reads no memory."""
    observer = new_observer()
    observe = observer.observe
    observe(a=1, b=None)
    observe(a=2)
    first, second = map(json.loads, observer.moments())
    assert first == {"values": {"a": 1, "b": None}}
    assert list(second) == ["values"]


def test_an_observer_that_measures_counts_nodes_and_bytes() -> None:
    """The graph that hangs on what is observed and the live heap are counted, and the value itself is not kept."""
    observer = new_observer()
    observer.begin(measures=True, device="cpu", pause=None)
    observe = observer.observe
    loss, kept, log = torch.ones(1, requires_grad=True), [], []
    for _ in range(3):
        loss = loss * 2
        kept.append(torch.zeros(1 << 16, dtype=torch.uint8))
        log.append([float(number) for number in range(1_000)])
        observe(loss=[loss])
    moments = [json.loads(text) for text in observer.moments()]
    nodes, heap, objects = ([moment[name] for moment in moments] for name in ("nodes", "heap", "objects"))
    assert nodes == [2, 3, 4]
    assert moments[0]["values"] == {"loss": None}
    if heap_bytes() is not None:
        assert all(1 << 16 <= after - before < 3 << 16 for before, after in itertools.pairwise(heap))
    assert all(900 <= after - before < 1_100 for before, after in itertools.pairwise(objects))


def test_nodes_are_counted_once_and_without_recursion() -> None:
    """A graph of any depth is counted, each node once, up to a limit."""
    diamond = torch.ones(1, requires_grad=True) * 2
    assert graph_nodes((diamond + diamond, {"again": diamond})) == 3
    chain = torch.ones(1, requires_grad=True)
    for _ in range(30_000):
        chain = chain + 1
    assert 20_000 <= graph_nodes(chain) <= 20_001
    assert graph_nodes([None, 3, torch.ones(1)]) == 0
