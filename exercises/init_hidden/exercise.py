"""init_hidden: a state of the right shape."""

from hypothesis import strategies as st

from grader import Case, Exercise, RnnSpec, scripts
from grader import strategies as gs
from grader.properties import (
    ArgumentsUnchanged,
    DeviceFollows,
    DtypeFollows,
    Equivalence,
    LeavesNothing,
    MemoryFlat,
    NotShared,
    Strictness,
)

MANY_CALLS = 16


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A module and a batch size, which differs from the module's sizes but for chance.

    Mostly in single precision, where the default dtype is right: what else a student got right can then be seen. In
    double precision it is only looked at what becomes of the module: numbers that were rounded once stay so.
    """
    rnn = draw(gs.rnn_specs(batch_first=None, variations=True, modes=True))
    dtype = draw(st.sampled_from(["float32"] * 5 + ["float64"]))
    parts = {"rnn": rnn, "batch_size": draw(st.integers(1, 6)), "frozen": draw(st.sampled_from([False, False, True]))}
    return Case(parts=parts, dtype=dtype)


def in_single_precision(case: Case) -> bool:
    """Where the default dtype is right."""
    return case.dtype == "float32"


def many_calls(case: Case) -> Case:
    """Many calls for states so large that one that is kept shows beside what torch itself keeps."""
    rnn = RnnSpec(kind="LSTM", input_size=2, hidden_size=64, seed=case["rnn"].seed)
    return case.with_parts(rnn=rnn, batch_size=256).with_options(calls=MANY_CALLS)


def script(case: Case) -> str:
    """The case as a person would try it."""
    lines = scripts.rnn(case["rnn"], case.dtype)
    if "light" in case.options and case.device == "cpu" and case["rnn"].seed % 2 == 1:
        before = scripts.rnn(case["rnn"], "float64" if case.dtype == "float32" else "float32")
        lines = [*before, f"init_hidden(rnn, {case['batch_size']})", f"rnn = rnn.to(torch.{case.dtype})"]
    if case.device != "cpu":
        lines.append(f'rnn = rnn.to("{case.device}")')
    if case["frozen"]:
        lines.append(f"rnn{'' if case.options else '.weight_ih_l0'}.requires_grad_(False)")
    lines += [f"state = init_hidden(rnn, {case['batch_size']})", "print(state)"]
    return "\n".join(lines)


def with_frozen(case: Case) -> str:
    """Lines that print which parameters are frozen after the call."""
    return 'print("frozen:", [name for name, each in rnn.named_parameters() if not each.requires_grad])'


exercise = Exercise(
    title="A state of the right shape",
    level="foundation",
    entry_points={"init_hidden": "init_hidden(rnn, batch_size)"},
    cases=cases(),
    axes={
        "state": ("layer", "sequence", "feature"),
        "the rest of the state": ("layer", "sequence", "feature"),
        "the state of the next call": ("layer", "sequence", "feature"),
    },
    properties=(
        Equivalence(
            name="zeros of the right shape",
            points=3,
            suits=in_single_precision,
            of=("state", "tensors with memory of their own"),
            strictness=Strictness(flags=("contiguous",)),
        ),
        NotShared(
            name="memory of its own",
            points=2,
            cases=25,
            suits=in_single_precision,
            of={
                "the rest of the state": "one number of the state",
                "the state of the next call": "the state of the call before",
            },
        ),
        ArgumentsUnchanged(name="module left alone", points=1, cases=25, of=("module",), shows=with_frozen),
        LeavesNothing(name="nothing kept", points=1, cases=25, of="kept"),
        DtypeFollows(name="dtype of the module", points=1, cases=12, of=("state",), dtypes=("float64", "bfloat16")),
        DeviceFollows(name="device of the module", points=1, cases=20, of=("state",), all_of_meta=True),
        MemoryFlat(name="memory is flat", points=1, cases=2, at="call", unit="call", longer=many_calls, allowed=20_000),
    ),
    script=script,
    right_without_work=("returns zeros",),
)
