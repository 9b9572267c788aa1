"""run_bidirectional: two directions, two states."""

from hypothesis import strategies as st

from grader import Case, Exercise, scripts
from grader import strategies as gs
from grader.properties import (
    ArgumentsUnchanged,
    DeviceFollows,
    Equivalence,
    Fresh,
    Gradients,
    Isolation,
    LeavesNothing,
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A cell for each direction, inputs, and perhaps an initial state."""
    sizes = draw(gs.distinct_sizes(2, max_size=5))
    rnn = draw(gs.rnn_specs(sizes=sizes, max_layers=1, bidirectional=True, projections=False, variations=True))
    inputs = draw(gs.whole_inputs(features=rnn.input_size, unlike=[rnn.hidden_size, 2]))
    return Case(
        parts={
            "rnn": rnn,
            "inputs": inputs,
            "state": draw(gs.states(batch_size=inputs.batch_size)),
            "state needs gradients": draw(st.sampled_from([True, True, False])),
        },
        dtype=draw(st.sampled_from(["float64", "float64", "float64", "float32"])),
    )


def trivial(case: Case) -> bool:
    """Of cells with relu, zeros may be the right answer."""
    return case["rnn"].nonlinearity == "relu"


def script(case: Case) -> str:
    """The case as a person would try it."""
    rnn, part = case["rnn"], case["inputs"]
    lines = scripts.cells(rnn, case.dtype)
    if case.device != "cpu":
        lines.append(f'cells = [cell.to("{case.device}") for cell in cells]')
    lines += [
        "forward_cell, backward_cell = cells",
        f"inputs = {scripts.batch(part, (part.lengths[0], part.features), case.dtype)}",
        *([f'inputs = inputs.to("{case.device}")'] if case.device != "cpu" else []),
        *scripts.state(case["state"], rnn, case.dtype),
        "outputs, state = run_bidirectional(forward_cell, backward_cell, inputs, state)",
        'print("outputs:", outputs)',
        'print("state:", state)',
    ]
    return "\n".join(lines)


STEPS, STATE = ("step", "sequence", "feature"), ("direction", "sequence", "feature")

exercise = Exercise(
    title="Two directions, two states",
    level="advanced",
    entry_points={"run_bidirectional": "run_bidirectional(forward_cell, backward_cell, inputs, state=None)"},
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
        Equivalence(name="outputs of both directions", points=2, of=("outputs",)),
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
        ),
        Isolation(name="sequences are isolated", points=1, cases=10, of=("outputs", "state")),
        ArgumentsUnchanged(name="arguments untouched", points=1, of=("arguments",)),
        DeviceFollows(name="device of the cells", points=1, cases=4, of=("outputs", "state")),
        LeavesNothing(name="nothing kept", points=1, of="kept"),
        Fresh(name="the same every time", points=1, cases=6, of=("outputs", "state")),
    ),
    script=script,
    trivial=trivial,
    heavy=True,
)
