"""Cases are data: they go through JSON unchanged, and can be changed in one sequence and in nothing else."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import strategies as gs
from grader.cases import Batched, Call, Case, Program, RnnSpec, Sequences, State, Windows
from tests.builders import CASE

FEW = settings(deadline=None, max_examples=30)
NAMES = st.sampled_from(["a", "b", "batch_size", "Ünïcode", "\ud800"])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
CALLS = st.builds(Call, name=st.sampled_from(["forward", "reset"]), arguments=st.dictionaries(NAMES, PLAIN, max_size=2))


@st.composite
def batched(draw):
    """Any part that holds one seed a sequence, all for batches of one size."""
    size = draw(st.integers(1, 4))
    seeds = draw(st.lists(st.integers(0, 999), min_size=size, max_size=size, unique=True).map(tuple))
    lengths = draw(st.lists(st.integers(1, 9), min_size=size, max_size=size).map(tuple))
    silent = tuple(i for i in range(size) if draw(st.booleans()))
    return {
        "sequences": Sequences(seeds=seeds, lengths=lengths, features=3, silent=silent),
        "state": State(seeds=tuple(seed + 1 for seed in seeds), container=draw(st.sampled_from(["tuple", "list"]))),
        "windows": Windows(seeds=seeds, lengths=(3, 3, 2), features=2, targets=5),
        "program": Program(seeds=seeds, calls=tuple(draw(st.lists(CALLS, max_size=2)))),
    }


@st.composite
def cases(draw):
    """Cases with a module, batched parts and plain ones."""
    parts = {"rnn": draw(gs.rnn_specs(batch_first=None, variations=True)), **draw(batched()), "plain": draw(PLAIN)}
    options = draw(st.dictionaries(NAMES, PLAIN, max_size=2))
    dtype, device = draw(st.sampled_from(["float64", "float32"])), draw(st.sampled_from(["cpu", "meta"]))
    return Case(parts=parts, dtype=dtype, device=device, options=options)


@FEW
@given(cases())
def test_json_round_trip(case):
    """A case that went through JSON text is equal, part by part, and has the same key."""
    again = Case.from_json(json.loads(json.dumps(case.to_json())))
    assert again == case
    assert again.key == case.key
    assert [type(part) for part in again.parts.values()] == [type(part) for part in case.parts.values()]


@FEW
@given(cases(), st.data())
def test_one_sequence_changed(case, data):
    """Changing a sequence changes its seed in every batched part, and nothing else anywhere."""
    sequence = data.draw(st.integers(0, case.batch_size - 1))
    changed = case.with_sequence_changed(sequence)
    for name, part in case.parts.items():
        if not isinstance(part, Batched):
            assert changed[name] == part
            continue
        differ = [i for i, (one, other) in enumerate(zip(part.seeds, changed[name].seeds, strict=True)) if one != other]
        assert differ == [sequence]
        assert dataclasses.replace(changed[name], seeds=part.seeds) == part
    assert dataclasses.replace(changed, parts=case.parts) == case


@FEW
@given(cases(), st.integers(1, 9))
def test_of_another_size(case, batch_size):
    """A part of another batch size begins with the same sequence, and no two of its sequences are the same."""
    other = case["state"].of_size(batch_size)
    assert other.batch_size == batch_size == len(set(other.seeds))
    assert other.seeds[0] == case["state"].seeds[0]
    assert dataclasses.replace(other, seeds=case["state"].seeds) == case["state"]


@FEW
@given(cases(), st.data())
def test_nan_in_one_sequence(case, data):
    """NaN goes into one sequence of every batched part, and nothing else changes."""
    sequence = data.draw(st.integers(0, case.batch_size - 1))
    poisoned = case.with_nan_in(sequence)
    for name, part in case.parts.items():
        if isinstance(part, Batched):
            assert poisoned[name].poisoned == (sequence,)
            assert dataclasses.replace(poisoned[name], poisoned=()) == part
        else:
            assert poisoned[name] == part


@FEW
@given(cases(), st.data())
def test_permuted(case, data):
    """In another order, each sequence keeps its seed and its length; the order put back gives the case again."""
    order = tuple(data.draw(st.permutations(range(case.batch_size))))
    permuted = case.permuted(order)
    for place, was in enumerate(order):
        assert permuted["sequences"].seeds[place] == case["sequences"].seeds[was]
        assert permuted["sequences"].lengths[place] == case["sequences"].lengths[was]
        assert permuted["state"].seeds[place] == case["state"].seeds[was]
        assert (place in permuted["sequences"].silent) == (was in case["sequences"].silent)
    assert permuted["windows"].lengths == case["windows"].lengths, "windows have no length of their own a sequence"
    back = tuple(order.index(i) for i in range(case.batch_size))
    assert permuted.permuted(back) == case


@FEW
@given(cases(), st.data())
def test_nan_moves_with_its_sequence(case, data):
    """A batch with NaN in one sequence, permuted, has the NaN where that sequence went."""
    order = tuple(data.draw(st.permutations(range(case.batch_size))))
    sequence = data.draw(st.integers(0, case.batch_size - 1))
    assert case.with_nan_in(sequence).permuted(order) == case.permuted(order).with_nan_in(order.index(sequence))


def test_changes_leave_the_case_as_it_was():
    """Every change makes a new case."""
    before = CASE.key
    changes = [
        CASE.with_sequence_changed(0),
        CASE.with_nan_in(0),
        CASE.permuted((2, 0, 1)),
        CASE.with_parts(extra=1),
        CASE.with_options(light=True),
        CASE.on(dtype="float32"),
        CASE.on(device="meta"),
    ]
    assert CASE.key == before
    assert len({change.key for change in changes} | {before}) == len(changes) + 1


def test_key_tells_types_apart():
    """1, True, 1.0 and "1" are different runs."""
    assert len({Case(parts={"n": n}).key for n in (1, True, 1.0, "1")}) == 4


def test_key_does_not_depend_on_order():
    """The order in which parts and options were named does not matter."""
    assert Case(parts={"a": 1, "b": 2}).key == Case(parts={"b": 2, "a": 1}).key


def test_batch_size():
    """The batch size is that of the batched parts; 0 without any."""
    assert CASE.batch_size == 3
    assert Case(parts={"n": 4}).batch_size == 0


RNN = {"part": "RnnSpec", "kind": "RNN", "input_size": 2, "hidden_size": 3}


def _deep(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({}, id="empty"),
        pytest.param({"parts": {}, "dtype": "float64"}, id="no device"),
        pytest.param({"parts": [], "dtype": "float64", "device": "cpu"}, id="parts in a list"),
        pytest.param({"parts": {"a": {"part": "Nothing"}}, "dtype": "float64", "device": "cpu"}, id="unknown part"),
        pytest.param({"parts": {"a": {"part": []}}, "dtype": "float64", "device": "cpu"}, id="part is a list"),
        pytest.param({"parts": {"a": {**RNN, "layers": 2}}, "dtype": "float64", "device": "cpu"}, id="unknown field"),
        pytest.param({"parts": {"a": {"part": "RnnSpec"}}, "dtype": "float64", "device": "cpu"}, id="fields lacking"),
        pytest.param({"parts": {"a": _deep(5000)}, "dtype": "float64", "device": "cpu"}, id="very deep"),
    ],
)
def test_what_is_no_case(data):
    """Data that are not a case are a ValueError that says so."""
    with pytest.raises(ValueError, match=r"^not a case: "):
        Case.from_json(data)


@pytest.mark.parametrize(
    ("spec", "spelled"),
    [
        pytest.param(
            RnnSpec(kind="RNN", input_size=2, hidden_size=3, seed=9), "nn.RNN(2, 3, dtype=torch.float64)", id="plain"
        ),
        pytest.param(
            RnnSpec(kind="LSTM", input_size=2, hidden_size=5, num_layers=2, bidirectional=True, proj_size=3),
            "nn.LSTM(2, 5, num_layers=2, bidirectional=True, proj_size=3, dtype=torch.float64)",
            id="projected",
        ),
        pytest.param(
            RnnSpec(kind="RNN", input_size=4, hidden_size=3, batch_first=True, bias=False, nonlinearity="relu"),
            "nn.RNN(4, 3, batch_first=True, bias=False, nonlinearity='relu', dtype=torch.float64)",
            id="varied",
        ),
    ],
)
def test_spelled(spec, spelled):
    """A spec is spelled as a person would write it: only what is not the default."""
    assert spec.spelled("float64") == spelled


def test_state_features():
    """The features of h are the projection's where there is one."""
    assert RnnSpec(kind="LSTM", input_size=2, hidden_size=5, proj_size=3).state_features == 3
    assert RnnSpec(kind="LSTM", input_size=2, hidden_size=5).state_features == 5
