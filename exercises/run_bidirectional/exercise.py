"""run_bidirectional: two directions, two states."""

from hypothesis import strategies as st

from grader import Case, Exercise, scripts
from grader import strategies as gs
from grader.cases import FACTORS, FROZEN, MANY_STEPS, SQUARE, WITHOUT_GRADIENT, zeros_may_be_right
from grader.properties import (
    ArgumentsUnchanged,
    DeviceFollows,
    Equivalence,
    Fresh,
    Gradients,
    Isolation,
    LeavesNothing,
)

DTYPES = ("float64", "float64", "float64", "float32")
AS_MANY = "as many sequences as directions"
# Without gradient, and without a state: there all tensors are counted, and who keeps zeros of his own is found.
SPECIAL = (MANY_STEPS, "a state of zeros", WITHOUT_GRADIENT, FROZEN, SQUARE, *FACTORS, AS_MANY)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A cell for each direction, inputs, and perhaps an initial state."""
    sizes = draw(gs.distinct_sizes(2, max_size=5))
    specs = gs.rnn_specs(sizes=sizes, max_layers=1, bidirectional=True, projections=False, variations=True, modes=True)
    rnn = draw(specs)
    special = draw(st.sampled_from([*[None] * 2 * len(SPECIAL), *SPECIAL]))
    inputs = draw(gs.whole_inputs(features=rnn.input_size, unlike=[rnn.hidden_size, 2], special=special))
    if special == AS_MANY:
        inputs = inputs.of_size(2)
    states = gs.states(batch_size=inputs.batch_size, optional=special not in ("a state of zeros", AS_MANY, SQUARE))
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


def other_sizes(case: Case) -> bool:
    """Whether the batch and the first axis of the state differ in size; where they don't, one law is enough to tell."""
    return case["special"] != AS_MANY


def differentiated(case: Case) -> bool:
    """Whether gradients are what a case is there for, too."""
    return case["special"] in (None, FROZEN, MANY_STEPS, "a state of zeros", *FACTORS)


def zeros(case: Case) -> list[str]:
    """Lines that fill a state with zeros, where the case's is one of zeros."""
    if case["special"] != "a state of zeros":
        return []
    return ["for each in state:", "    each.zero_()"]  # of a pair or of a tensor


WEIGHTS = "[each for cell in cells for each in cell.parameters()]"


def script(case: Case) -> str:
    """The case as a person would try it."""
    rnn, part = case["rnn"], case["inputs"]
    freeze, told = scripts.frozen(case["special"], "cells")
    call = "run_bidirectional(forward_cell, backward_cell, inputs, state)"
    lines = [*scripts.cells(rnn, case.dtype), *freeze]
    if case.device != "cpu":
        lines.append(f'cells = [cell.to("{case.device}") for cell in cells]')
    lines += [
        "forward_cell, backward_cell = cells",
        f"inputs = {scripts.batch(part, (part.lengths[0], part.features), case.dtype)}",
        *scripts.changed_inputs(case["special"]),
        *scripts.state(case["state"], rnn, case.dtype),
        *zeros(case),
        *scripts.on_device(case.device, "inputs", state=case["state"], spec=rnn),
        *scripts.needing_gradients(case, "inputs"),
        *scripts.called_before(case, call, parameters=WEIGHTS),
        f"outputs, final_state = {call}",
        'print("outputs:", outputs)',
        'print("state:", final_state)',
        *told,
    ]
    return "\n".join(lines)


def with_gradients(case: Case) -> str:
    """Lines that print the gradients, of all results and of the final state alone."""
    return scripts.gradients(case, inputs="inputs", weights=WEIGHTS)


def with_arguments(case: Case) -> str:
    """Lines that print the arguments as they are after the call, and after one without gradients."""
    told = scripts.afterwards("inputs", "state")
    if case["special"] is not None:
        return told
    return f"{told}\nwith torch.no_grad():\n    run_bidirectional(forward_cell, backward_cell, inputs, state)\n{told}"


STEPS, STATE = ("step", "sequence", "feature"), ("direction", "sequence", "feature")

exercise = Exercise(
    title="Two directions, two states",
    level="advanced",
    entry_points={"run_bidirectional": "run_bidirectional(forward_cell, backward_cell, inputs, state=None)"},
    cases=cases(),
    axes={
        "outputs": STEPS,
        "forward half": STEPS,
        "state": STATE,
        "gradients of the inputs": STEPS,
        "gradients of the initial state": STATE,
        "from the final state to the inputs": STEPS,
        "from the final state to the initial state": STATE,
    },
    properties=(
        Equivalence(name="the forward half of the outputs", points=1, of=("forward half",), suits=other_sizes),
        Equivalence(name="outputs of both directions", points=1, of=("outputs",), suits=other_sizes),
        Equivalence(name="the final state of both directions", points=2, of=("state",)),
        Gradients(
            name="gradients through both directions",
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
        Isolation(name="sequences are isolated", points=1, cases=10, of=("outputs", "state"), suits=ordinary),
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
