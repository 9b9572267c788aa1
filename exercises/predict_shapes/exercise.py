"""predict_shapes: the shape rules, without running them."""

from typing import Any

from hypothesis import strategies as st

from grader import Case, Exercise, RnnSpec
from grader import strategies as gs
from grader.properties import CostsNothing, Equivalence, EquivalentRuns, NotShared, Refuses

MILLION, HUNDREDS = 1_000_000, 300
OF_MODULE, OF_INPUT, OF_STATE = "wrong module", "wrong input", "wrong state"

Call = dict[str, Any]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A call that must be answered, and others that differ from it in one thing and must be refused."""
    steps, batch_size, *sizes = draw(gs.distinct_sizes(4, min_size=2, max_size=9))
    steps = draw(st.sampled_from([steps] * 3 + [1]))
    batch_size = draw(st.sampled_from([batch_size] * 4 + [1, 0]))
    rnn = draw(gs.rnn_specs(sizes=sizes, kinds=("LSTM", "GRU", "RNN", "LSTM"), batch_first=None))
    as_many = draw(st.sampled_from([None] * 8 + ["steps", "sequences"]))  # as features: no axis is told by its size
    steps = rnn.input_size if as_many == "steps" else steps
    batch_size = rnn.input_size if as_many == "sequences" else batch_size
    layout = draw(st.sampled_from(["batched", "batched", "unbatched"]))
    batch = () if layout == "unbatched" else (batch_size,)
    with_state = draw(st.booleans())
    call = spell(rnn, steps, batch, with_state=with_state)
    parts = {"call": call}
    stateless = {**call, "state_shape": None}
    for which, candidates in (
        (OF_MODULE, wrong_modules(stateless)),
        (OF_INPUT, wrong_inputs(stateless, batch)),
        (OF_STATE, wrong_states(call, rnn, batch)),
    ):
        # where the time axis is not the first, it is the one to forget
        often = ["no steps"] * 3 if which == OF_INPUT and rnn.batch_first and batch else []
        if which == OF_STATE and batch == (1,):
            often = ["no batch axis"] * 4
        names = st.sampled_from([*sorted(candidates), *often])
        parts[which] = tuple(
            {"what": name, "changes": {"state_shape": None, **candidates[name]}}
            for name in draw(st.lists(names, min_size=1, max_size=3, unique=True))
        )
    return Case(parts=parts)


def spell(rnn: RnnSpec, steps: int, batch: tuple[int, ...], *, with_state: bool) -> Call:
    """The arguments of a call that is right."""
    sequence = (*batch, steps) if rnn.batch_first else (steps, *batch)
    return {
        "kind": rnn.kind,
        "input_shape": (*sequence, rnn.input_size),
        "input_size": rnn.input_size,
        "hidden_size": rnn.hidden_size,
        "num_layers": rnn.num_layers,
        "bidirectional": rnn.bidirectional,
        "batch_first": rnn.batch_first,
        "proj_size": rnn.proj_size,
        "state_shape": right_state(rnn, batch) if with_state else None,
    }


def right_state(rnn: RnnSpec, batch: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the state for a module of ``rnn``."""
    return (rnn.num_layers * rnn.directions, *batch, rnn.state_features)


def with_sizes_of_hundreds(case: Case) -> Case | None:
    """The call with more features and sequences than small integers have objects for, and few enough for a module.

    Two integers of one value are one object below 257 and two above, so ``is`` takes the place of ``==`` only below.
    """
    call = case["call"]
    if not suits_large_sizes(call):
        return None
    sizes = {name: call[name] + HUNDREDS for name in ("input_size", "hidden_size")}
    sizes["proj_size"] = call["proj_size"] + HUNDREDS if call["proj_size"] else 0
    batch_axis = 0 if call["batch_first"] else 1
    shape = tuple(size + HUNDREDS * (axis in (batch_axis, 2)) for axis, size in enumerate(call["input_shape"]))
    state = call["state_shape"] and (call["state_shape"][0], *(size + HUNDREDS for size in call["state_shape"][1:]))
    return case.with_parts(call={**call, **sizes, "input_shape": shape, "state_shape": state})


def suits_large_sizes(call: Call) -> bool:
    """Where the input has no sequences or no batch axis, whoever refuses that loses points for it elsewhere."""
    return len(call["input_shape"]) == 3 and 0 not in call["input_shape"]


def with_large_sizes(case: Case) -> Case | None:
    """The call without a state with sizes of hundreds, and with sizes around a million; layers and directions stay."""
    small = {**case["call"], "state_shape": None}
    hundreds = with_sizes_of_hundreds(case.with_parts(call=small))
    if hundreds is None:
        return None
    sizes = {name: small[name] + MILLION for name in ("input_size", "hidden_size")}
    sizes["proj_size"] = small["proj_size"] + MILLION if small["proj_size"] else 0
    shape = tuple(size + MILLION for size in small["input_shape"])
    large = {**small, **sizes, "input_shape": shape}
    return case.with_parts(hundreds=hundreds["call"], large=large).with_options(large=True)


def wrong_modules(call: Call) -> dict[str, Call]:
    """Changes that make a module that can't be built, by what is wrong with it."""
    size = call["hidden_size"]
    wrong = {
        "no hidden features": {"hidden_size": 0, "proj_size": 0},
        "no layers": {"num_layers": 0},
        "as many features projected": {"kind": "LSTM", "proj_size": size},
        "more features projected": {"kind": "LSTM", "proj_size": size + 1},
    }
    if call["kind"] != "LSTM":
        wrong |= {"projected": {"proj_size": size - 1}, "projected to one": {"proj_size": 1}}
    return wrong


def wrong_inputs(call: Call, batch: tuple[int, ...]) -> dict[str, Call]:
    """Changes that make an input that the module does not take, by what is wrong with it."""
    shape = call["input_shape"]
    time = 1 if call["batch_first"] and batch else 0
    wrong = {
        "one feature more": (*shape[:-1], shape[-1] + 1),
        "one feature less": (*shape[:-1], shape[-1] - 1),
        "hidden features": (*shape[:-1], call["hidden_size"]),
        "one axis": shape[-1:],
        "four axes": (1,) * (4 - len(shape)) + shape,
        "no steps": tuple(0 if axis == time else size for axis, size in enumerate(shape)),
        "no axes": (),
    }
    return {name: {"input_shape": each} for name, each in wrong.items()}


def wrong_states(call: Call, rnn: RnnSpec, batch: tuple[int, ...]) -> dict[str, Call]:
    """Shapes of a state that the module does not take, by what is wrong with them."""
    right = right_state(rnn, batch)
    first, last = right[0], right[-1]
    wrong = {
        "one layer more": (first + 1, *right[1:]),
        "one layer": (1, *right[1:]),
        "directions forgotten": (rnn.num_layers, *right[1:]),
        "layers forgotten": (rnn.directions, *right[1:]),
        "hidden features": (*right[:-1], rnn.hidden_size),
        "features of both directions": (*right[:-1], last * rnn.directions),
        "one feature more": (*right[:-1], last + 1),
        "input features": (*right[:-1], rnn.input_size),
        "one axis": (last,),
        "no axes": (),
        "no feature axis": right[:-1],
        "an axis behind": (*right, 1),
    }
    if batch:
        wrong |= {
            "one sequence more": (first, batch[0] + 1, last),
            "one sequence": (first, 1, last),
            "steps for sequences": (first, call["input_shape"][1 if rnn.batch_first else 0], last),
            "batch first": (batch[0], first, last),
            "no batch axis": (first, last),
            "four axes": (1, *right),
        }
    else:
        wrong |= {"a batch of one": (first, 1, last), "four axes": (1, first, 1, last)}
    return {name: {"state_shape": each} for name, each in wrong.items() if each != right}


def refuses(which: str, *, name: str, points: int) -> Refuses:
    """The law that a call is refused which is wrong in this."""
    return Refuses(name=name, points=points, of="refused", wrong=lambda case: case.with_options(wrong=which))


def script(case: Case) -> str:
    """The case as a person would try it."""
    call = case["call"]
    if "large" in case.options:
        return f"print({_spelled(case['large'])})  # must take no time, and build nothing"
    if "wrong" in case.options:
        which = case.options["wrong"]
        lines = []
        for wrong in case[which]:
            call_ = _spelled({**call, **wrong["changes"]})
            lines += [
                "try:",
                f"    print({call_})",
                "except ValueError as error:",
                f'    print("refused ({which}: {wrong["what"]}):", error)',
            ]
        return "\n".join(lines)
    shape, state = tuple(call["input_shape"]), call["state_shape"]
    options = [f"{name}={call[name]}" for name in ("num_layers", "bidirectional", "batch_first") if call[name]]
    if call["proj_size"]:
        options.append(f"proj_size={call['proj_size']}")
    sizes = ", ".join([str(call["input_size"]), str(call["hidden_size"]), *options])
    lines = [f"print({_spelled(call)})", f"rnn = nn.{call['kind']}({sizes})"]
    lines.append(f"output, state = rnn(torch.zeros{shape})")
    returned = "(output, *state)" if call["kind"] == "LSTM" else "(output, state)"
    lines.append(f'print("torch:", *(tuple(each.shape) for each in {returned}))')
    return "\n".join(lines if state is None else [*lines, f"# a state of shape {tuple(state)} is what rnn takes"])


def _spelled(call: Call) -> str:
    shape, state = tuple(call["input_shape"]), call["state_shape"]
    arguments = [repr(call["kind"]), repr(shape)]
    for name in ("input_size", "hidden_size", "num_layers", "bidirectional", "batch_first", "proj_size"):
        arguments.append(f"{name}={call[name]!r}")
    if state is not None:
        arguments.append(f"state_shape={tuple(state)!r}")
    return f"predict_shapes({', '.join(arguments)})"


exercise = Exercise(
    title="The shape rules, without running them",
    level="foundation",
    entry_points={
        "predict_shapes": "predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, "
        "bidirectional=False, batch_first=False, proj_size=0, state_shape=None)"
    },
    cases=cases(),
    axes={},
    properties=(
        Equivalence(name="shape of the output", points=2, of=("output",)),
        Equivalence(name="shape of the state, as tuples", points=2, of=("h", "c", "types")),
        refuses(OF_MODULE, name="modules that torch refuses", points=1),
        refuses(OF_INPUT, name="inputs that torch refuses", points=1),
        refuses(OF_STATE, name="states that torch refuses", points=1),
        NotShared(name="a new dict each call", points=1, cases=12, of={"the next dict": "the dict of the call before"}),
        EquivalentRuns(
            name="sizes of hundreds", points=1, cases=4, of=("output", "h", "c"), run=with_sizes_of_hundreds
        ),
        CostsNothing(name="computed, not tried", points=1, cases=4, of="cost", larger=with_large_sizes),
    ),
    script=script,
)
