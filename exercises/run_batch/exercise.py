"""run_batch: one state per sequence."""

import dataclasses

from hypothesis import strategies as st

from grader import Case, Exercise, scripts
from grader import strategies as gs
from grader.cases import FROZEN, WITHOUT_GRADIENT
from grader.properties import (
    ArgumentsUnchanged,
    ChunksEqualWhole,
    DeviceFollows,
    Equivalence,
    Fresh,
    Gradients,
    Isolation,
    LeavesNothing,
    Refuses,
)

USUAL = "nothing"
EVEN = "even"  # all sequences are of one length, so that there is no padding
QUIET = "quiet"  # a single unit, which gives zero at many steps; that is no padding
TWICE = "twice"  # the last sequence is the first once more, the same tensor
TURNED = "turned"  # sequences with their features one behind the other in memory, as they come from (I, T) files
LONG = "long"  # the first sequence is so long that a gradient which ends behind 64 steps shows
MANY = "many"  # more than ten sequences: names of them in the order of text are not in that of numbers
SQUARE = "square"  # as many steps as sequences, batch first: sizes don't tell which axis is which
RARE = (TURNED, FROZEN, WITHOUT_GRADIENT, MANY, SQUARE)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A module, sequences of any lengths in any order, and perhaps an initial state."""
    special = draw(st.sampled_from([USUAL] * 33 + [EVEN, QUIET, TWICE, LONG, *RARE]))
    rnn = draw(gs.rnn_specs(batch_first=None, max_layers=3, variations=True, modes=True))
    if special == QUIET:
        one_unit = draw(gs.rnn_specs(sizes=(rnn.input_size, 1), kinds=("RNN",), max_layers=1, bidirectional=False))
        rnn = dataclasses.replace(one_unit, nonlinearity="relu", bias=False)
    sequences = draw(gs.sequences(features=rnn.input_size))
    if special == EVEN:
        sequences = dataclasses.replace(sequences, lengths=sequences.lengths[:1] * sequences.batch_size)
    if special == TWICE:
        first, lengths = sequences.seeds[0], sequences.lengths
        same = {"seeds": (*sequences.seeds[:-1], first), "lengths": (*lengths[:-1], lengths[0])}
        sequences = dataclasses.replace(sequences, silent=(), **same)
    if special == SQUARE:
        sequences = dataclasses.replace(sequences.of_size(3), lengths=(3, 1, 2), silent=())
        rnn = dataclasses.replace(rnn, batch_first=True)
    if special == LONG:
        sequences = dataclasses.replace(sequences.of_size(2), lengths=(66, 2), silent=())
        rnn = dataclasses.replace(rnn, bidirectional=False)  # two directions can't be run in windows
    if special == WITHOUT_GRADIENT and rnn.kind == "LSTM":
        rnn = dataclasses.replace(rnn, kind="GRU", proj_size=0)  # a tensor is overwritten more easily than a pair
    if special == MANY:
        sequences = dataclasses.replace(sequences.of_size(12), lengths=(2, 1, 3) * 4, silent=())
    with_state = special in (TWICE, WITHOUT_GRADIENT)
    state = draw(gs.states(batch_size=sequences.batch_size, optional=not with_state)) if special != QUIET else None
    dtype = "float64" if special == LONG else draw(st.sampled_from(["float64", "float64", "float64", "float32"]))
    return Case(parts={"rnn": rnn, "sequences": sequences, "state": state, "special": special}, dtype=dtype)


def differentiated(case: Case) -> bool:
    """Whether gradients are what a case is there for, too."""
    return case["special"] in (TURNED, SQUARE, FROZEN) or case["special"] not in (QUIET, TWICE, *RARE)


def usual(case: Case) -> bool:
    """No case of which only the laws of outputs, states and gradients speak."""
    return case["special"] not in (QUIET, TWICE, LONG, *RARE)


def trivial(case: Case) -> bool:
    """Where most outputs are zero, zeros may be right."""
    return case["rnn"].nonlinearity == "relu"


def cut(case: Case) -> Case | None:
    """The sequences in two pieces, the state handed on; only one direction can be cut."""
    if case["rnn"].bidirectional or min(case["sequences"].lengths) < 2:
        return None
    return case.with_options(light=True, cut=min(case["sequences"].lengths) // 2)


def empty(case: Case) -> Case:
    """The same module without any sequence."""
    return case.with_options(empty=True)


def script(case: Case) -> str:
    """The case as a person would try it."""
    lines = scripts.rnn(case["rnn"], case.dtype)
    if "empty" in case.options:
        return "\n".join([*lines, "run_batch(rnn, [])  # must be a ValueError"])
    freeze, told = scripts.frozen(case["special"], "rnn")
    lines += [*freeze, "for each in rnn.parameters():", "    each.grad = torch.ones_like(each)"]
    lines += scripts.sequences(case["sequences"], case.dtype)
    if case["special"] == TURNED:
        lines.append("sequences = [each.t().contiguous().t() for each in sequences]")
    if case["special"] == TWICE:
        lines.append("sequences[-1] = sequences[0]")
    lines += scripts.state(case["state"], case["rnn"], case.dtype)
    lines += scripts.on_device(case.device, "rnn", state=case["state"], spec=case["rnn"])
    if case.device != "cpu":
        lines.append(f'sequences = [each.to("{case.device}") for each in sequences]')
    if case["special"] != WITHOUT_GRADIENT:
        lines += ["for each in sequences:", "    each.requires_grad_()"]
        lines += scripts.needing_gradients(case)
    lines += scripts.called_before(case, "run_batch(rnn, sequences, state)", parameters="rnn.parameters()")
    if "cut" in case.options:
        k = case.options["cut"]
        lines.append(f"first, middle = run_batch(rnn, [sequence[:{k}] for sequence in sequences], state)")
        lines.append(f"rest, final_state = run_batch(rnn, [sequence[{k}:] for sequence in sequences], middle)")
        lines.append("outputs = [torch.cat(both) for both in zip(first, rest)]")
    else:
        lines.append("outputs, final_state = run_batch(rnn, sequences, state)")
    lines += [
        "for i, (output, sequence) in enumerate(zip(outputs, sequences)):",
        '    print(f"sequence {i} of length {len(sequence)}:", output)',
        'print("state:", final_state)',
        *told,
    ]
    return "\n".join(lines)


def with_gradients(case: Case) -> str:
    """Lines that print the gradients of all results."""
    return scripts.gradients(case, inputs="sequences", weights="rnn.parameters()", of_state_alone=False)


def with_arguments(case: Case) -> str:
    """Lines that print the arguments as they are after the call, and after one that is refused."""
    lines = [
        scripts.afterwards("sequences", "state", "rnn", "rnn.training"),
        'print("gradients, afterwards:", [each.grad for each in rnn.parameters()])',
        "try:",
        "    run_batch(rnn, [])",
        "except ValueError:",
        '    print("rnn, after an empty list was refused:", rnn)',
    ]
    return "\n".join(lines)


exercise = Exercise(
    title="One state per sequence",
    level="intermediate",
    entry_points={"run_batch": "run_batch(rnn, sequences, state=None)"},
    cases=cases(),
    axes={
        "outputs": ("sequence", "step", "feature"),
        "state": ("layer", "sequence", "feature"),
        "gradients of the sequences": ("sequence", "step", "feature"),
        "gradients of the initial state": ("layer", "sequence", "feature"),
    },
    properties=(
        Equivalence(name="outputs of every sequence", points=1, of=("outputs",)),
        Equivalence(name="final state of every sequence", points=1, of=("state",)),
        Gradients(
            name="gradients",
            points=1,
            cases=25,
            suits=differentiated,
            shows=with_gradients,
            of=("gradients of the sequences", "gradients of the initial state", "gradients of the weights"),
        ),
        Isolation(name="sequences are isolated", points=1, cases=12, suits=usual, of=("outputs", "state")),
        ChunksEqualWhole(
            name="pieces equal the whole", points=1, cases=6, suits=usual, of=("outputs", "state"), cut=cut
        ),
        ArgumentsUnchanged(name="arguments untouched", points=1, cases=25, of=("arguments",), shows=with_arguments),
        Refuses(name="an empty list is refused", points=1, cases=2, of="refused", wrong=empty),
        DeviceFollows(
            name="device and dtype of the module",
            points=1,
            cases=3,
            suits=usual,
            of=("outputs", "state"),
            dtypes=("float64",),
        ),
        LeavesNothing(name="nothing kept", points=1, cases=25, of="kept"),
        Fresh(name="the same every time", points=1, cases=6, suits=usual, of=("outputs", "state")),
    ),
    rare=lambda case: case["special"] if case["special"] in (LONG, *RARE) else None,
    script=script,
    trivial=trivial,
    heavy=True,
)
