"""unroll: passing the state from step to step."""

from hypothesis import strategies as st

from grader import Case, Exercise, scripts
from grader import strategies as gs
from grader.cases import FACTORS, FROZEN, MANY_STEPS, SQUARE, WITHOUT_GRADIENT, zeros_may_be_right
from grader.properties import (
    ArgumentsUnchanged,
    ChunksEqualWhole,
    DeviceFollows,
    Equivalence,
    Fresh,
    Gradients,
    Isolation,
    LeavesNothing,
)

DTYPES = ("float64", "float64", "float64", "float32")
# Without gradient, and without a state: there all tensors are counted, and who keeps zeros of his own is found.
SPECIAL = (MANY_STEPS, "a state of zeros", WITHOUT_GRADIENT, FROZEN, SQUARE, *FACTORS)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A cell, inputs, and perhaps an initial state."""
    sizes = draw(gs.distinct_sizes(2, max_size=5))
    specs = gs.rnn_specs(sizes=sizes, max_layers=1, bidirectional=False, projections=False, variations=True, modes=True)
    rnn = draw(specs)
    special = draw(st.sampled_from([*[None] * 2 * len(SPECIAL), *SPECIAL]))
    inputs = draw(gs.whole_inputs(features=rnn.input_size, unlike=[rnn.hidden_size], special=special))
    states = gs.states(batch_size=inputs.batch_size, optional=special not in ("a state of zeros", SQUARE))
    return Case(
        parts={
            "rnn": rnn,
            "inputs": inputs,
            "special": special,
            "state": None if special == WITHOUT_GRADIENT else draw(states),
            "state needs gradients": special == "a state of zeros" or draw(st.sampled_from([True, True, False])),
        },
        dtype="float64" if special in (MANY_STEPS, *FACTORS) else draw(st.sampled_from(DTYPES)),
    )


def ordinary(case: Case) -> bool:
    """Whether nothing is special about a case: what is, costs the laws that speak of it, and no others."""
    return case["special"] is None


def differentiated(case: Case) -> bool:
    """Whether gradients are what a case is there for, too."""
    return case["special"] in (None, FROZEN, MANY_STEPS, "a state of zeros", *FACTORS)


def cut(case: Case) -> Case | None:
    """The inputs in two pieces, the state handed on."""
    steps = case["inputs"].lengths[0]
    return case.with_options(light=True, cut=steps // 2) if steps > 1 else None


def zeros(case: Case) -> list[str]:
    """Lines that fill a state with zeros, where the case's is one of zeros."""
    if case["special"] != "a state of zeros":
        return []
    return ["for each in state:", "    each.zero_()"]  # of a pair or of a tensor


def script(case: Case) -> str:
    """The case as a person would try it."""
    rnn, part = case["rnn"], case["inputs"]
    freeze, told = scripts.frozen(case["special"], "cell")
    lines = [
        *scripts.cells(rnn, case.dtype),
        "(cell,) = cells",
        *freeze,
        f"inputs = {scripts.batch(part, (part.lengths[0], part.features), case.dtype)}",
        *scripts.changed_inputs(case["special"]),
        *scripts.state(case["state"], rnn, case.dtype),
    ]
    if case["state"] is not None:
        container = case["state"].container
        lines.append(f"state = {container}(each[0] for each in state)" if rnn.kind == "LSTM" else "state = state[0]")
        lines += zeros(case)
    lines += scripts.on_device(case.device, "cell", "inputs", state=case["state"], spec=rnn)
    lines += scripts.needing_gradients(case, "inputs")
    lines += scripts.called_before(case, "unroll(cell, inputs, state)", parameters="cell.parameters()")
    if "cut" in case.options:
        lines += [
            f"first, middle = unroll(cell, inputs[:{case.options['cut']}], state)",
            f"rest, final_state = unroll(cell, inputs[{case.options['cut']}:], middle)",
            "outputs = torch.cat([first, rest])",
        ]
    else:
        lines.append("outputs, final_state = unroll(cell, inputs, state)")
    return "\n".join([*lines, 'print("outputs:", outputs)', 'print("state:", final_state)', *told])


def with_gradients(case: Case) -> str:
    """Lines that print the gradients, of all results and of the final state alone."""
    return scripts.gradients(case, inputs="inputs", weights="cell.parameters()")


def with_arguments(case: Case) -> str:
    """Lines that print the arguments as they are after the call, and after one without gradients."""
    told = scripts.afterwards("inputs", "state")
    if case["special"] is not None:
        return told
    return f"{told}\nwith torch.no_grad():\n    unroll(cell, inputs, state)\n{told}"


STEPS, STATE = ("step", "sequence", "feature"), ("part", "sequence", "feature")  # an LSTM's state has two parts

exercise = Exercise(
    title="Passing the state from step to step",
    level="foundation",
    entry_points={"unroll": "unroll(cell, inputs, state=None)"},
    cases=cases(),
    axes={
        "outputs": STEPS,
        "state": STATE,
        "gradients of the inputs": STEPS,
        "gradients of the initial state": STATE,
        "from the final state to the inputs": STEPS,
        "from the final state to the initial state": STATE,
    },
    properties=(
        Equivalence(name="outputs of every step", points=1, of=("outputs",)),
        Equivalence(name="the state after the last step", points=1, of=("state",)),
        Gradients(
            name="gradients reach every earlier step",
            points=2,
            of=(
                "from the final state to the inputs",
                "from the final state to the initial state",
                "gradients of the inputs",
                "gradients of the initial state",
                "gradients of the weights",
            ),
            suits=differentiated,
            shows=with_gradients,
        ),
        Isolation(name="sequences are isolated", points=1, cases=10, of=("outputs", "state"), suits=ordinary),
        ChunksEqualWhole(
            name="pieces equal the whole", points=1, cases=8, of=("outputs", "state"), cut=cut, suits=ordinary
        ),
        ArgumentsUnchanged(name="arguments untouched", points=1, of=("arguments",), shows=with_arguments),
        DeviceFollows(
            name="device and dtype of the cell",
            points=1,
            cases=4,
            of=("outputs", "state"),
            suits=ordinary,
            dtypes=("float64",),
        ),
        LeavesNothing(name="nothing kept", points=1, of="kept"),
        Fresh(name="the same every time", points=1, cases=6, of=("outputs", "state"), suits=ordinary),
    ),
    script=script,
    trivial=zeros_may_be_right,
    rare=lambda case: case["special"],
    heavy=True,
)
