"""run_stack: each layer has its own state."""

from dataclasses import replace

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
AS_MANY = "as many sequences as layers"
ONE_CELL = "one cell for all layers"
TALL = "four layers"
# Without gradient, and without a state: there all tensors are counted, and who keeps zeros of his own is found.
SPECIAL = (MANY_STEPS, "a state of zeros", WITHOUT_GRADIENT, FROZEN, SQUARE, *FACTORS, AS_MANY, ONE_CELL, TALL)
WITH_STATE = ("a state of zeros", AS_MANY, SQUARE, ONE_CELL)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A stack of cells, inputs, and perhaps an initial state.

    Now and then the inputs have as many features as the state, so that a layer that reads the wrong thing can.
    """
    input_size, hidden_size = draw(gs.distinct_sizes(2, max_size=5))
    special = draw(st.sampled_from([*[None] * 2 * len(SPECIAL), *SPECIAL]))
    if special == ONE_CELL or draw(st.sampled_from([False, False, True])):
        input_size = hidden_size
    sizes = (input_size, hidden_size)
    specs = gs.rnn_specs(sizes=sizes, max_layers=3, bidirectional=False, projections=False, variations=True, modes=True)
    rnn = draw(specs)
    if special == MANY_STEPS:
        rnn = replace(rnn, num_layers=2)
    if special == TALL:
        rnn = replace(rnn, num_layers=4)
    if special in (AS_MANY, ONE_CELL):
        rnn = replace(rnn, num_layers=max(rnn.num_layers, 2))
    inputs = draw(gs.whole_inputs(features=input_size, unlike=[hidden_size, rnn.num_layers], special=special))
    if special == AS_MANY:
        inputs = inputs.of_size(rnn.num_layers)
    states = gs.states(batch_size=inputs.batch_size, optional=special not in WITH_STATE)
    return Case(
        parts={
            "rnn": rnn,
            "cells in": draw(st.sampled_from(["list", "tuple"])),
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


def usual_stack(case: Case) -> bool:
    """Whether neither the batch is as large as the stack nor the stack made of one cell; there one law is enough."""
    return case["special"] not in (AS_MANY, ONE_CELL)


def differentiated(case: Case) -> bool:
    """Whether gradients are what a case is there for, too."""
    return case["special"] in (None, FROZEN, MANY_STEPS, "a state of zeros", ONE_CELL, TALL, *FACTORS)


def cut(case: Case) -> Case | None:
    """The inputs in two pieces, the state handed on."""
    steps = case["inputs"].lengths[0]
    return case.with_options(light=True, cut=steps // 2) if steps > 1 else None


def zeros(case: Case) -> list[str]:
    """Lines that fill a state with zeros, where the case's is one of zeros."""
    if case["special"] != "a state of zeros":
        return []
    return ["for each in state:", "    each.zero_()"]  # of a pair or of a tensor


WEIGHTS = "[each for cell in dict.fromkeys(cells) for each in cell.parameters()]"  # a cell may be there twice


def script(case: Case) -> str:
    """The case as a person would try it."""
    rnn, part = case["rnn"], case["inputs"]
    freeze, told = scripts.frozen(case["special"], "cells")
    lines = [*scripts.cells(rnn, case.dtype), *freeze]
    if case["special"] == ONE_CELL:
        lines.append("cells = cells[:1] * len(cells)")
    if case.device != "cpu":
        lines.append(f'cells = [cell.to("{case.device}") for cell in cells]')
    if case["cells in"] == "tuple":
        lines.append("cells = tuple(cells)")
    lines += [
        f"inputs = {scripts.batch(part, (part.lengths[0], part.features), case.dtype)}",
        *scripts.changed_inputs(case["special"]),
        *scripts.state(case["state"], rnn, case.dtype),
        *zeros(case),
        *scripts.on_device(case.device, "inputs", state=case["state"], spec=rnn),
        *scripts.needing_gradients(case, "inputs"),
        *scripts.called_before(case, "run_stack(cells, inputs, state)", parameters=WEIGHTS),
    ]
    if "cut" in case.options:
        lines += [
            f"first, middle = run_stack(cells, inputs[:{case.options['cut']}], state)",
            f"rest, final_state = run_stack(cells, inputs[{case.options['cut']}:], middle)",
            "outputs = torch.cat([first, rest])",
        ]
    else:
        lines.append("outputs, final_state = run_stack(cells, inputs, state)")
    return "\n".join([*lines, 'print("outputs:", outputs)', 'print("state:", final_state)', *told])


def with_gradients(case: Case) -> str:
    """Lines that print the gradients, of all results and of the final state alone."""
    return scripts.gradients(case, inputs="inputs", weights=WEIGHTS)


def with_arguments(case: Case) -> str:
    """Lines that print the arguments as they are after the call, and after one without gradients."""
    told = scripts.afterwards("inputs", "state")
    if case["special"] is not None:
        return told
    return f"{told}\nwith torch.no_grad():\n    run_stack(cells, inputs, state)\n{told}"


STEPS, STATE = ("step", "sequence", "feature"), ("layer", "sequence", "feature")

exercise = Exercise(
    title="Each layer has its own state",
    level="advanced",
    entry_points={"run_stack": "run_stack(cells, inputs, state=None)"},
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
        Equivalence(name="outputs of the last layer", points=1, of=("outputs",), suits=usual_stack),
        Equivalence(name="the final state of every layer", points=2, of=("state",)),
        Gradients(
            name="gradients through steps and layers",
            points=1,
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
        Isolation(name="sequences are isolated", points=1, cases=8, of=("outputs", "state"), suits=ordinary),
        ChunksEqualWhole(
            name="pieces equal the whole", points=1, cases=8, of=("outputs", "state"), cut=cut, suits=ordinary
        ),
        ArgumentsUnchanged(name="arguments untouched", points=1, of=("arguments",), shows=with_arguments),
        DeviceFollows(
            name="device and dtype of the cells",
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
