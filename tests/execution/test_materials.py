"""What drives build from a case: from seeds alone, one sequence at a time, in the shapes of ``torch.nn``."""

from __future__ import annotations

import gc
import itertools
import weakref
from collections import OrderedDict, namedtuple
from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from grader import scripts
from grader.cases import Batched, Case, RnnSpec, Sequences, State, Windows
from grader.execution import before
from grader.execution.materials import (
    AS_IT_WAS,
    Accepted,
    Refused,
    attempt,
    build_batch,
    build_cells,
    build_ids,
    build_rnn,
    build_sequences,
    build_state,
    build_window,
    collect,
    copied,
    draw,
    gradients,
    gradients_by_name,
    joined,
    like_a_real_device,
    module_contents,
    observe_pair,
    other_weights,
    plain,
    stacked,
    still_alive,
    tensors_in,
    unpacked,
    weighted_sum,
)

CASE = Case(parts={})


class Odd(torch.Tensor):
    """A tensor whose methods say what they like."""

    def numel(self) -> int:
        return 0


class _EqualsAll(type):
    """A class of classes each of which says that it is any other."""

    def __eq__(cls, other: object) -> bool:
        return True

    def __hash__(cls) -> int:
        return hash(list)


class OddList(list[Any]):
    """A list that is empty when it is looked through."""

    def __iter__(self) -> Any:
        return iter(())


class OddDict(dict[str, Any]):
    """A dict that gives the same for every key."""

    def __getitem__(self, key: str) -> Any:
        return 0


class Pair(NamedTuple):
    """What a submission may return in the place of a tuple."""

    h: Any
    c: Any


SEQUENCES = Sequences(seeds=(11, 12, 13), lengths=(4, 2, 5), features=3)


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
def test_numbers_come_from_their_seed_alone(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same seed gives the same numbers, whatever a submission did to torch's own generator and functions."""
    case = CASE.on(dtype=dtype)
    first = draw(7, 2, 3, case=case)
    torch.manual_seed(99)
    monkeypatch.setattr(torch, "manual_seed", lambda seed: None)
    monkeypatch.setattr(torch, "randn", lambda *size, **options: torch.zeros(2, 3))
    monkeypatch.setattr(torch, "Generator", None)
    assert torch.equal(draw(7, 2, 3, case=case), first)
    assert (str(first.dtype), first.shape) == (f"torch.{dtype}", (2, 3))
    assert not torch.equal(draw(8, 2, 3, case=case), first)


def test_drawing_leaves_the_global_generator_alone() -> None:
    """A drive that draws does not move what the submission's own ``torch.randn`` gives."""
    torch.manual_seed(3)
    expected = torch.randn(4)
    torch.manual_seed(3)
    draw(7, 2, 3, case=CASE)
    assert torch.equal(torch.randn(4), expected)


def test_ids() -> None:
    """Ids are int64, below the number asked for, of one seed a sequence; those of a poisoned one are out of range."""
    part = State(seeds=(3, 4, 5))
    ids = build_ids(part, 50, below=6, case=CASE)
    assert (ids.dtype, ids.shape) == (torch.int64, (50, 3))
    assert sorted(ids.unique().tolist()) == [0, 1, 2, 3, 4, 5]
    changed = build_ids(part.changed(1), 50, below=6, case=CASE)
    assert (ids != changed).any(dim=0).tolist() == [False, True, False]
    assert build_ids(part.with_nan(2), 2, below=6, case=CASE)[:, 2].tolist() == [6, 6]
    assert not torch.equal(build_ids(part, 50, below=6, case=CASE, number=1), ids)
    labels = build_ids(part, below=6, case=CASE.on(device="meta"))
    assert (labels.shape, labels.device.type) == ((3,), "meta")


SPECS = {
    "plain RNN": RnnSpec(kind="RNN", input_size=2, hidden_size=3, nonlinearity="relu"),
    "GRU, two layers, both ways": RnnSpec(kind="GRU", input_size=2, hidden_size=3, num_layers=2, bidirectional=True),
    "LSTM that projects": RnnSpec(kind="LSTM", input_size=3, hidden_size=4, proj_size=2, batch_first=True),
    "LSTM without bias": RnnSpec(kind="LSTM", input_size=3, hidden_size=4, bias=False, seed=8),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_module_is_what_its_script_makes(spec: RnnSpec, dtype: str) -> None:
    """The module of a spec is what a person gets who runs the lines that a counterexample shows."""
    built = build_rnn(spec, CASE.on(dtype=dtype))
    torch.manual_seed(spec.seed)
    typed = eval(spec.spelled(dtype), {"nn": nn, "torch": torch})
    assert repr(built) == repr(typed)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(built.parameters(), typed.parameters(), strict=True))


def test_a_module_on_meta_has_no_numbers() -> None:
    """A case on another device gets its module there."""
    module = build_rnn(SPECS["plain RNN"], CASE.on(device="meta"))
    assert {parameter.device.type for parameter in module.parameters()} == {"meta"}


CELLS = {
    "RNN": (RnnSpec(kind="RNN", input_size=2, hidden_size=3, nonlinearity="relu", seed=4), ["RNNCell(2, 3)"]),
    "GRU, three layers": (
        RnnSpec(kind="GRU", input_size=2, hidden_size=3, num_layers=3),
        ["GRUCell(2, 3)", "GRUCell(3, 3)", "GRUCell(3, 3)"],
    ),
    "LSTM, two layers, both ways": (
        RnnSpec(kind="LSTM", input_size=2, hidden_size=3, num_layers=2, bidirectional=True, bias=False),
        ["LSTMCell(2, 3)", "LSTMCell(2, 3)", "LSTMCell(6, 3)", "LSTMCell(6, 3)"],
    ),
}


@pytest.mark.parametrize(("spec", "made"), CELLS.values(), ids=CELLS)
def test_cells_are_what_their_script_makes(spec: RnnSpec, made: list[str]) -> None:
    """There is a cell for each layer and direction, each with weights of its own; the script's lines make the same."""
    built = build_cells(spec, CASE.on(dtype="float32"))
    names: dict[str, Any] = {"nn": nn, "torch": torch}
    exec("\n".join(scripts.cells(spec, "float32")), names)
    assert [f"{type(cell).__name__}({cell.input_size}, {cell.hidden_size})" for cell in built] == made
    assert list(map(repr, built)) == list(map(repr, names["cells"]))
    weights = [parameter for cell in built for parameter in cell.parameters()]
    typed = [parameter for cell in names["cells"] for parameter in cell.parameters()]
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(weights, typed, strict=True))
    assert len({cell.weight_hh[0, 0].item() for cell in built}) == len(built)


BATCHES = st.lists(st.integers(0, 999), min_size=1, max_size=4, unique=True).map(lambda s: Batched(seeds=tuple(s)))


@given(BATCHES, st.data())
def test_a_change_of_one_sequence_changes_no_other(part: Batched, data: st.DataObject) -> None:
    """Changed, poisoned and permuted parts differ in the sequences that were meant, bit for bit in no other."""
    j = data.draw(st.integers(0, part.batch_size - 1))
    order = tuple(data.draw(st.permutations(range(part.batch_size))))
    whole = build_batch(part, 2, 3, case=CASE)
    assert whole.shape == (2, part.batch_size, 3)
    changed, poisoned = (build_batch(each, 2, 3, case=CASE) for each in (part.changed(j), part.with_nan(j)))
    for i in range(part.batch_size):
        assert torch.equal(whole[:, i], changed[:, i]) == (i != j)
        assert torch.equal(whole[:, i], poisoned[:, i]) == (i != j)
    assert bool(poisoned[:, j].isnan().all())
    assert torch.equal(build_batch(part.permuted(order), 2, 3, case=CASE), whole[:, order])


def test_tensors_of_one_sequence_are_told_apart_by_number() -> None:
    """A second tensor from the same seeds has other numbers, so that swapping the two must show."""
    part = Batched(seeds=(1, 2))
    first, second = (build_batch(part, 3, case=CASE, number=number) for number in (0, 1))
    assert not bool((first == second).any())


def test_sequences_have_their_lengths() -> None:
    """Each sequence is ``(T_i, I)``, and changing one leaves the others."""
    built = build_sequences(SEQUENCES, CASE)
    assert [tuple(each.shape) for each in built] == [(4, 3), (2, 3), (5, 3)]
    changed = build_sequences(SEQUENCES.changed(1), CASE)
    assert [torch.equal(a, b) for a, b in zip(built, changed, strict=True)] == [True, False, True]


def test_windows_have_inputs_and_targets() -> None:
    """Window w is ``x (T_w, B, I)`` and ``y (T_w, B, targets)``, each window with numbers of its own."""
    part = Windows(seeds=(1, 2), lengths=(3, 5, 3), features=4, targets=2)
    shapes = [[tuple(each.shape) for each in build_window(part, w, CASE)] for w in range(3)]
    assert shapes == [[(3, 2, 4), (3, 2, 2)], [(5, 2, 4), (5, 2, 2)], [(3, 2, 4), (3, 2, 2)]]
    assert not torch.equal(build_window(part, 0, CASE)[0], build_window(part, 2, CASE)[0])


@pytest.mark.parametrize("container", ["tuple", "list"])
@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_state_is_one_that_the_module_takes(spec: RnnSpec, container: Any) -> None:
    """A state is ``(L * D, B, features)``, for an LSTM a pair in the container that was drawn; ``None`` stays so."""
    state = build_state(State(seeds=(1, 2), container=container), spec, CASE)
    if spec.kind == "LSTM":
        assert type(state).__name__ == container
        assert not torch.equal(state[0][..., :1], state[1][..., :1])
        state = tuple(state)
    inputs = torch.zeros(2, 2, spec.input_size, dtype=torch.float64)
    build_rnn(spec, CASE)(inputs, state)
    assert build_state(None, spec, CASE) is None


# What a drive looks at


def test_what_a_call_must_leave_alone_in_a_module_is_seen() -> None:
    """Changed weights, gradients, modes, hooks, attributes and buffers each show in the contents of a module."""
    changes = {
        "parameters": lambda module: module.weight_hh_l0.data.add_(1),
        "gradients": lambda module: setattr(module.weight_hh_l0, "grad", torch.ones_like(module.weight_hh_l0)),
        "modes": lambda module: module.eval(),
        "hooks": lambda module: module.register_forward_hook(print),
        "attributes": lambda module: setattr(module, "state", 1),
        "saved": lambda module: module.register_buffer("h", torch.zeros(1)),
    }
    for name, change in changes.items():
        module = build_rnn(SPECS["plain RNN"], CASE)
        before = str(module_contents(module)[name])
        change(module)
        assert str(module_contents(module)[name]) != before, name


def test_what_torch_notes_in_a_module_is_no_change() -> None:
    """``torch.jit.script`` leaves ``__overloads__``, which is no change of what the caller handed over."""
    module = nn.LSTMCell(2, 3)
    before = module_contents(module)
    module.__overloads__ = {}
    assert str(module_contents(module)) == str(before)


def test_a_tensor_that_somebody_holds_is_still_alive() -> None:
    """Only what is really held counts; a cycle that nobody can reach does not."""
    held, cycle = [torch.zeros(3)], [torch.zeros(3)]
    references = [weakref.ref(held[0]), weakref.ref(cycle[0])]
    cycle.append(cycle)  # type: ignore[arg-type]
    del cycle
    assert still_alive(references)
    held.clear()
    assert not still_alive(references)
    assert not still_alive([])


def test_tensors_are_found_in_order_at_any_depth() -> None:
    """Tuples, lists and dicts are walked; what is no tensor is passed over."""
    a, b, c = torch.zeros(1), torch.ones(1), nn.Parameter(torch.ones(1))
    found = tensors_in([a, None, {"x": (b, 3)}, "text", [[c]]])
    assert [id(each) for each in found] == [id(a), id(b), id(c)]


def test_every_number_has_a_weight_of_its_own() -> None:
    """The gradient of a weighted sum tells swapped steps, sequences and tensors apart, and is the same every time."""
    first, second = torch.zeros(3, 2, requires_grad=True), torch.zeros(3, 2, requires_grad=True)
    both = gradients([first, second], to=[first, second])
    weights = torch.cat([each.flatten() for each in both if each is not None]).tolist()
    assert len(set(weights)) == 12
    again = gradients([first, second], to=[first, second])
    assert all(torch.equal(a, b) for a, b in zip(both, again, strict=True))
    other = gradients([first, second], to=[first], seed=2)
    assert not torch.equal(other[0], both[0])


def test_where_no_gradient_arrives_there_is_none() -> None:
    """``None`` marks what is not reached, be it one tensor or all; with no target there is nothing."""
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    assert [each is None for each in gradients(x * 2, to=[x, y])] == [False, True]
    assert gradients(torch.ones(2), to=(x, y)) == [None, None]
    assert gradients(x * 2, to=None) == []


def test_a_result_without_tensors_has_no_gradient_and_says_so() -> None:
    """What can't be differentiated is a ``TypeError`` in the words of a drive."""
    with pytest.raises(TypeError) as caught:
        weighted_sum({"state": None})
    assert str(caught.value) == "there is no tensor in it to take a gradient of"


def test_an_attempt_says_whether_the_call_was_refused() -> None:
    """What a call raised is kept beside what it should have raised; an end of the program passes through."""
    refused = attempt(lambda: [][0], refused_with=LookupError)
    assert isinstance(refused, Refused)
    assert (type(refused.error), refused.expected) == (IndexError, LookupError)
    accepted = attempt(lambda: None, refused_with=ValueError)
    assert isinstance(accepted, Accepted)
    assert accepted.expected is ValueError
    with pytest.raises(SystemExit):
        attempt(lambda: exit(3), refused_with=ValueError)


def test_gradients_of_several_groups_come_by_name() -> None:
    """One backward pass for all groups; each comes back in its form, with None where no gradient is required."""
    x, y, fixed = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True), torch.ones(2)
    of = [3 * x + y * fixed]
    found = gradients_by_name(of, to={"x": x, "pair": (y, fixed), "table": {"x": x}, "nothing": None})
    expected = gradients(of, to=[x, y])
    assert torch.equal(found["x"], expected[0])
    assert torch.equal(found["table"]["x"], expected[0])
    assert torch.equal(found["pair"][0], expected[1])
    assert found["pair"][1] is None
    assert found["nothing"] == []


def test_gradients_that_cant_be_taken_are_the_error() -> None:
    """What torch raises on the way back is a value under each name, and holds nothing that was observed."""
    x = torch.ones(2, requires_grad=True)
    y = x.exp()
    y.mul_(2)  # which exp would need as it was
    found = gradients_by_name([y], to={"x": x, "pair": (x,)})
    assert list(found) == ["x", "pair"]
    assert all(isinstance(each, Refused) and type(each.error) is RuntimeError for each in found.values())
    reference = weakref.ref(y)
    del y
    assert not still_alive([reference])


def test_meta_copies_to_the_cpu_as_a_real_device_does() -> None:
    """What is gathered on the CPU comes back from there; mixing devices is refused as ever, and elsewhere too."""
    x = torch.ones(2, 3, device="meta")
    gathered, copied = torch.zeros(4, 2, 3), torch.zeros(2, 3)
    with like_a_real_device(CASE.on(device="meta")):
        gathered[1] = x
        copied.copy_(x)
        moved = (x.cpu(), x.to("cpu"), x.to(device="cpu", dtype=torch.float64), gathered.to("meta"))
        with pytest.raises(RuntimeError, match="device"):
            torch.stack([x, copied])
        with pytest.raises(RuntimeError):
            gathered[1] = torch.ones(5, device="meta")
    assert [each.device.type for each in (gathered, copied, *moved)] == ["cpu"] * 5 + ["meta"]
    with pytest.raises(NotImplementedError):
        x.cpu()


class Named(NamedTuple):
    """A pair with names."""

    h: Any
    c: Any


NAN = float("nan")
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=3),
    st.builds(lambda number, grad: torch.tensor([number, 1.0], requires_grad=grad), st.floats(), st.booleans()),
    st.builds(torch.tensor, st.lists(st.integers(0, 5))),
)
STRUCTURES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.builds(Named, inner, inner),
        st.dictionaries(st.text(max_size=2), inner, max_size=3),
        st.dictionaries(st.text(max_size=2), inner, max_size=3).map(OrderedDict),
    ),
    max_leaves=6,
)


def pair(before: Any, now: Any) -> list[Any]:
    """What a drive would show of a pair."""
    seen: list[Any] = []
    observe_pair(lambda **named: seen.append(named["it"]), "it", before, now)
    return seen


@given(structure=STRUCTURES)
def test_a_copy_is_the_same_with_memory_of_its_own(structure: Any) -> None:
    """Whatever is in it, also NaN: the pair is told in short, and writing into what was copied shows."""
    before = copied(structure)
    assert pair(before, structure) == [AS_IT_WAS, AS_IT_WAS]
    tensors = [each for each in tensors_in(structure) if each.numel()]
    for each in tensors:
        each.detach().fill_(7)
    if any((each != 7).any() for each in tensors_in(before)):
        assert pair(before, structure) == [before, structure]


X = torch.tensor([1.0, NAN])


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param([X], (X,), id="a list made a tuple"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, id="another order"),
        pytest.param([X, X], [X], id="one taken out"),
        pytest.param({"a": 1}, {"a": True}, id="another type"),
        pytest.param([X], [X.double()], id="another dtype"),
        pytest.param([X], [X.clone().requires_grad_()], id="requires a gradient"),
        pytest.param([X.clone().requires_grad_()], [X.clone().requires_grad_() * 1], id="hangs on a graph"),
        pytest.param([X], [X[:, None]], id="another shape"),
        pytest.param([X], [X.to("meta")], id="another device"),
        pytest.param([X], [torch.tensor([1.0, 2.0])], id="a number for NaN"),
        pytest.param([torch.tensor([1])], [torch.tensor([2])], id="whole numbers"),
        pytest.param([None], [X], id="a tensor for None"),
    ],
)
def test_what_is_another_is_shown_whole(before: Any, now: Any) -> None:
    """Any difference, however small: what was and what is are observed as they are."""
    shown = pair(before, now)
    assert shown[0] is before
    assert shown[1] is now


def test_a_pair_on_meta() -> None:
    """There are no numbers there, and nothing to compare but form."""
    assert pair([X.to("meta")], [X.to("meta")]) == [AS_IT_WAS, AS_IT_WAS]


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes the classes that there are by now as those that were there before a submission."""
    monkeypatch.setattr(before, "_classes", dict(before._classes))
    before.note()


@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        torch.ones(2),
        nn.Parameter(torch.ones(2)),
        (torch.ones(2), [torch.ones(1)]),
        Pair(torch.ones(1), {"a": None}),
        OrderedDict(h=torch.ones(1)),
        torch.ones(2, 3).max(0),
    ],
    ids=str,
)
@pytest.mark.usefixtures("noted")
def test_what_reads_as_it_is_stays_the_object_that_it_is(value: Any) -> None:
    """Tensors of torch's own classes, and containers whose classes were there before the submission."""
    assert plain(value) is value


def test_a_tensor_of_another_class_becomes_a_plain_one() -> None:
    """It shares memory and graph; in containers, too, which are then plain ones."""
    odd = (2 * torch.ones(3, requires_grad=True)).as_subclass(Odd)
    made = plain(odd)
    assert (type(made), made.numel(), made.data_ptr()) == (torch.Tensor, 3, torch.Tensor.data_ptr(odd))
    assert made.grad_fn is not None
    pair = plain(Pair(odd, {"a": [odd]}))
    assert type(pair) is tuple
    assert [type(each) for each in (pair[0], pair[1]["a"][0])] == [torch.Tensor, torch.Tensor]


@pytest.mark.parametrize(
    ("odd", "made"), [(OddList([1, 2]), [1, 2]), (OddDict(a=1), {"a": 1}), ((OddList([1]),), ([1],))]
)
def test_a_container_that_reads_otherwise_becomes_a_plain_one(odd: Any, made: Any) -> None:
    """What it holds is what counts, and not what it says of it."""
    assert plain(odd) == made
    assert type(plain(odd)) is type(made)


@pytest.mark.usefixtures("noted")
def test_containers_of_later_classes_become_plain_ones() -> None:
    """Whatever such a class says, and begins to say later: it is a submission's own."""
    assert type(plain(Pair(1, 2))) is Pair
    later = namedtuple("later", "h c")
    assert type(plain(later(1, 2))) is tuple
    equals_all = _EqualsAll("equals_all", (list,), {})
    assert equals_all in (list,)
    assert type(plain(equals_all([1, 2]))) is list


@pytest.mark.usefixtures("noted")
def test_a_container_that_holds_itself_is_left_at_some_depth() -> None:
    """There is no end to it, and no error."""
    endless: list[Any] = []
    endless.append(endless)
    assert plain(endless) is endless


def test_collecting_tells_nobody() -> None:
    """A callback that would let go of what is kept is not called, and is there afterwards."""
    told: list[str] = []

    def callback(phase: str, info: Any) -> None:
        told.append(phase)

    gc.callbacks.append(callback)
    try:
        collect()
        assert not told
        assert callback in gc.callbacks
    finally:
        gc.callbacks.remove(callback)


@pytest.mark.parametrize(
    ("what", "change"),
    {
        "classes": lambda module: setattr(module, "__class__", type("Other", (nn.LSTM,), {})),
        "hooks": lambda module: module.weight_ih_l0.register_hook(lambda gradient: gradient),
        "hooks after the gradient": lambda module: module.weight_ih_l0.register_post_accumulate_grad_hook(print),
        "attributes": lambda module: module.register_buffer("last", torch.ones(1), persistent=False),
    }.items(),
)
def test_what_is_left_in_a_module_shows(what: str, change: Any) -> None:
    """Another class, hooks on parameters, and buffers that are not saved."""
    module, seen = nn.LSTM(2, 3), []
    before = module_contents(module)
    change(module)
    name = what.partition(" ")[0]
    observe_pair(lambda **named: seen.append(named["module"][name]), "module", before, module_contents(module))
    assert seen[0] != seen[1]


def test_a_class_is_told_in_words() -> None:
    """What is observed of a class is whether it is the one that it was."""
    module, seen = nn.LSTM(2, 3), []
    before = module_contents(module)
    module.train(False)
    observe_pair(lambda **named: seen.append(named["module"]["classes"]), "module", before, module_contents(module))
    module.__class__ = type("LSTM", (nn.LSTM,), {})
    observe_pair(lambda **named: seen.append(named["module"]["classes"]), "module", before, module_contents(module))
    assert seen == [["the class it had"]] * 3 + [["another class"]]


def test_weights_are_others_for_a_time() -> None:
    """Twice as large within, and to the bit as they were behind."""
    module = nn.GRU(2, 3)
    before = [each.detach().clone() for each in module.parameters()]
    with other_weights(module.parameters()):
        assert all(torch.equal(each, 2 * old) for each, old in zip(module.parameters(), before, strict=True))
        assert torch.is_grad_enabled()
    assert all(torch.equal(each, old) for each, old in zip(module.parameters(), before, strict=True))


class Indexed:
    """What Python takes apart by its indices alone."""

    def __getitem__(self, index: int) -> int:
        return [1, 2][index]


class Results(NamedTuple):
    outputs: int
    state: int


@pytest.mark.parametrize(
    "result",
    [(1, 2), [1, 2], Results(1, 2), iter([1, 2]), range(1, 3), Indexed()],
    ids=lambda each: type(each).__name__,
)
def test_results_are_taken_apart_as_python_does(result: Any) -> None:
    """Whatever can be unpacked is."""
    assert unpacked(result, "outputs", "state") == [1, 2]


@pytest.mark.parametrize(
    ("result", "got"),
    [
        (None, "None"),
        (torch.zeros(2, 3), "a tensor of shape (2, 3)"),
        ((1, 2, 3), "a tuple of 3"),
        ([1], "a list of 1"),
        (5, "int"),
        (itertools.count(), "count"),
    ],
    ids=["nothing", "a tensor that could be unpacked", "too many", "too few", "a number", "without end"],
)
def test_what_is_no_pair_of_results(result: Any, got: str) -> None:
    """The message says what was asked for and what came."""
    with pytest.raises(TypeError) as error:
        unpacked(result, "outputs", "state")
    assert str(error.value) == f"expected outputs and state, got {got}"


def test_lists_of_outputs_are_gone_back_from_as_one_tensor_is() -> None:
    """Where one tensor was asked for, a list of steps gives the same gradients and pieces."""
    whole = torch.arange(6.0).reshape(3, 2)
    assert torch.equal(stacked(list(whole)), whole)
    assert torch.equal(joined(whole[:1], whole[1:]), whole)
    assert len(joined(list(whole[:1]), list(whole[1:]))) == 3
    assert isinstance(joined(tuple(whole[:1]), tuple(whole[1:])), tuple)
    for other in (whole, None, [], [torch.zeros(1), torch.zeros(2)]):
        assert stacked(other) is other
