"""LearnedInitialState: a state that is learned."""

from hypothesis import strategies as st

from grader import Case, Exercise, scripts
from grader import strategies as gs
from grader.properties import (
    Contiguous,
    DeviceFollows,
    DtypeFollows,
    Equivalence,
    Gradients,
    LeavesNothing,
    Registers,
    StateDictRoundTrip,
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A module, two batch sizes, and a seed for what training makes of the parameters.

    Mostly in single precision, where the default dtype is right: what else a student got right can then be seen.
    """
    rnn = draw(gs.rnn_specs(batch_first=None, variations=True))
    batch_size, another_size = draw(gs.distinct_sizes(2, min_size=1, max_size=6))
    dtype = draw(st.sampled_from(["float32", "float32", "float64"]))
    parts = {"rnn": rnn, "batch_size": batch_size, "another_size": another_size, "seed": draw(gs.seeds())}
    parts["mode"] = draw(st.sampled_from(["train", "train", "eval"]))  # what there is to learn is the same in both
    parts["frozen"] = draw(st.sampled_from([False, False, False, True]))  # rnn, which does not freeze its state
    return Case(parts=parts, dtype=dtype)


def script(case: Case) -> str:
    """The case as a person would try it."""
    sizes = case["batch_size"], case["another_size"]
    lines = [*scripts.rnn(case["rnn"], case.dtype), *(["rnn.requires_grad_(False)"] if case["frozen"] else [])]
    if case.device != "cpu":
        lines.append(f'rnn = rnn.to("{case.device}")')
    lines += [
        "module = LearnedInitialState(rnn)",
        *(["module.eval()"] if case["mode"] == "eval" else []),
        "for name, parameter in module.named_parameters():",
        "    print(name, tuple(parameter.shape), parameter.dtype, parameter.device)",
        f"state = module({sizes[0]})",
        'print("state:", state)',
    ]
    if case.device == "meta":
        return "\n".join(lines if case["seed"] % 2 else [*lines, *_moved(case)])
    lines += [
        "h = state[0] if isinstance(state, (tuple, list)) else state",
        'print("contiguous:", h.is_contiguous(), "grad_fn:", h.grad_fn)',
        "optimizer = torch.optim.SGD(module.parameters(), lr=1.0)",
        "h.sum().backward()",
        "for name, parameter in module.named_parameters():",
        '    print("gradient of", name, parameter.grad)',
        "with torch.no_grad():  # as in a validation before the step, and in one after it",
        f"    module({sizes[0]})",
        "    optimizer.step()",
        f'    print("state after a step, without a graph:", module({sizes[0]}))',
        f'print("state after a step:", module({sizes[0]}))',
        f'print("state after a step, another batch size:", module({sizes[1]}))',
    ]
    if "reload" in case.options:
        lines += [
            "new = LearnedInitialState(rnn)",
            *(["new.eval()"] if case["mode"] == "eval" else []),
            "new.load_state_dict(module.state_dict())",
            f'print("state of a new module after loading:", new({sizes[0]}))',
        ]
    if "light" in case.options:
        lines += _moved(case)
    return "\n".join(lines)


def _moved(case: Case) -> list[str]:
    where = f'"{case.device}", ' if case.device != "cpu" else ""
    return [
        f"rnn = {case['rnn'].spelled('float32')}",
        "module = LearnedInitialState(rnn)",
        f"rnn, module = rnn.to({where}torch.{case.dtype}), module.to({where}torch.{case.dtype})",
        f'print("state of a module that was moved:", module({case["batch_size"]}))',
    ]


STATE_AXES = ("layer", "sequence", "feature")
IN_PLACE = ("parameter h0", "parameter c0", "state of a module that was moved")

exercise = Exercise(
    title="A state that is learned",
    level="expert",
    entry_points={"LearnedInitialState": "LearnedInitialState(rnn)"},
    cases=cases(),
    axes={"state": STATE_AXES, "state after a step": STATE_AXES},
    properties=(
        Registers(name="h0, c0 and no others", points=1, of=("parameters", "buffers", "rnn")),
        Equivalence(name="every sequence starts from them", points=1, of=("state",)),
        Equivalence(name="follows the optimizer", points=1, of=("state after a step",)),
        Gradients(name="gradients", points=2, of=("gradients", "gradients after a step")),
        StateDictRoundTrip(name="saved and loaded", points=1, cases=12, of=("state",)),
        Contiguous(name="contiguous", points=1, of=("state", "state after a step")),
        DtypeFollows(
            name="dtype of the rnn", points=1, cases=12, of=("state", *IN_PLACE), dtypes=("float64", "bfloat16")
        ),
        DeviceFollows(name="device of the rnn", points=1, cases=12, of=("state", *IN_PLACE), all_of_meta=True),
        LeavesNothing(name="nothing kept", points=1, cases=25, of="kept"),
    ),
    script=script,
    heavy=True,
)
