"""StatefulRNN: the stateful loop, judged by programs of calls."""

import dataclasses
from typing import Any

from hypothesis import strategies as st

from grader import Call, Case, Exercise, Program, RnnSpec, scripts
from grader import strategies as gs
from grader.properties import (
    ArgumentsUnchanged,
    Detached,
    DeviceFollows,
    DtypeFollows,
    Equivalence,
    Gradients,
    Isolation,
    MemoryFlat,
    Refuses,
)

MANY, LARGE = 24, 16
MANY_STEPS = 66  # a gradient that ends behind 16 or 64 steps has to show


# What programs are made of: each but the first two does something and then shows what came of it.
STORIES = (
    ("forward",),
    ("no grad",),
    ("mask", "forward"),
    ("mask", "mask", "forward"),
    ("reset", "forward"),
    ("eval", "forward"),
    ("train", "forward"),
    ("wrong batch", "forward"),
    ("wrong mask", "forward"),
    ("bad input", "forward"),
    ("mask", "bad input", "forward"),
    ("another", "forward"),
    ("another with the same rnn", "forward"),
)
MASKS = st.lists(st.booleans(), min_size=4, max_size=4) | st.just([True] * 4)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A module and a program of calls on one or two instances of ``StatefulRNN``."""
    rnn = draw(gs.rnn_specs(bidirectional=False, max_layers=2, variations=True))
    as_many = draw(st.sampled_from([False] * 9 + [True]))  # sequences as layers: a mask could be for either
    if as_many:
        rnn = dataclasses.replace(rnn, num_layers=2)
    single = not as_many and draw(st.sampled_from([False] * 11 + [True]))  # one sequence, which could be broadcast
    batch_size = 2 if as_many else 1 if single else draw(gs.batch_sizes(max_size=4))
    first = draw(gs.seeds())
    count = draw(st.integers(1, 5))
    stories = draw(st.lists(st.sampled_from(STORIES), min_size=count, max_size=count))
    details = st.tuples(st.integers(0, 1), st.integers(1, 3), st.integers(0, 9), MASKS)
    wishes = [(kind, *draw(details)) for story in stories for kind in story]
    if draw(st.sampled_from([False] * 14 + [True])):
        wishes = [("forward", 0, MANY_STEPS, 0, []), ("forward", 0, 2, 0, []), ("reset", 0, 1, 0, [])]
        wishes.append(("forward", 0, 1, 0, []))
        # of a single layer that has no cell state, a view of the outputs can be the state
        kind = "GRU" if rnn.kind == "LSTM" else rnn.kind
        rnn = dataclasses.replace(rnn, kind=kind, num_layers=1, proj_size=0)
    if as_many:
        wishes[:0] = [("forward", 0, 2, 0, []), ("mask", 0, 1, 0, [True, False]), ("forward", 0, 1, 0, [])]
    if single:
        wishes = [("forward", 0, 2, 0, []), ("wrong batch", 0, 1, 0, []), ("forward", 0, 1, 0, [])]
    calls = resolve(wishes, batch_size)
    program = Program(seeds=tuple(first + i for i in range(batch_size)), calls=tuple(calls))
    dtype = draw(st.sampled_from(["float64", "float64", "float64", "float32"]))
    if any(call.name == "bad input" for call in calls):
        dtype = "float64"  # in single precision torch takes it, if it is packed and for an LSTM
    frozen = draw(st.sampled_from([False] * 7 + [True]))
    return Case(parts={"rnn": rnn, "program": program, "frozen": frozen}, dtype=dtype)


def resolve(wishes: list[tuple[str, int, int, int, list[bool]]], batch_size: int) -> list[Call]:
    """Makes calls of what was drawn, so that each makes sense where it stands; what can't is left out.

    A wish is the kind of a call, the instance, a number of steps, a number to choose a size by, and a mask.
    ``sizes`` holds the batch size each instance goes on with: ``None`` before its first call and after a full reset.
    """
    sizes: list[int | None] = [None]
    program = []
    for kind, instance, steps, choice, mask in wishes:
        on = min(instance, len(sizes) - 1)
        size = sizes[on]
        arguments: dict[str, Any] = {"on": on}
        match kind:
            case "forward" | "no grad":
                size = size or max(batch_size - choice % 3, 1)
                arguments |= {"steps": steps, "size": size}
                sizes[on] = size
            case "mask":
                arguments["mask"] = tuple(mask[: size or batch_size])
            case "reset":
                sizes[on] = None
            case "wrong batch" | "wrong mask" if size is None:
                continue
            case "wrong batch":
                others = sorted({1, size - 1, size + 1, size + 2} - {0, size})
                program += [Call(name=kind, arguments={**arguments, "size": each}) for each in others]
                continue
            case "wrong mask":
                shapes = [(size + 1,), (size, 1), (1, size), *([(1,)] if size > 1 else [])]
                arguments["all"] = mask[:1] == [True]
                program += [Call(name=kind, arguments={**arguments, "shape": each}) for each in shapes]
                continue
            case "bad input":
                arguments["size"] = size or 1 + choice % (batch_size + 1)
            case "another" | "another with the same rnn":
                if len(sizes) > 1:
                    continue
                sizes.append(None)
        program.append(Call(name=kind, arguments=arguments))
    return program


def trivial(case: Case) -> bool:
    """A program that never calls ``forward`` twice on one instance shows nothing of a loop, nor do outputs of zeros."""
    ran = [call.arguments["on"] for call in case["program"].calls if call.name in ("forward", "no grad")]
    return len(ran) == len(set(ran)) or case["rnn"].nonlinearity == "relu"


def many_calls(case: Case) -> Case:
    """Many calls in a row, nothing kept but what the module keeps."""
    rnn = RnnSpec(kind="LSTM", input_size=6, hidden_size=12, seed=case["rnn"].seed)
    return _stream(case, rnn, batch_size=8, steps=8, count=MANY)


def large_calls(case: Case) -> Case:
    """Fewer calls, each so large that its graph shows in the memory of the process."""
    rnn = RnnSpec(kind="LSTM", input_size=16, hidden_size=32, seed=case["rnn"].seed)
    return _stream(case, rnn, batch_size=16, steps=40, count=LARGE)


def _stream(case: Case, rnn: RnnSpec, *, batch_size: int, steps: int, count: int) -> Case:
    call = Call(name="forward", arguments={"on": 0, "steps": steps, "size": batch_size})
    program = Program(seeds=tuple(range(batch_size)), calls=(call,) * count)
    return case.with_parts(rnn=rnn, program=program, frozen=False)  # else there is no graph to grow


def with_refusals(case: Case) -> Case:
    """The program itself: some of its calls must be refused, and at its end a bidirectional module."""
    return case


def without_masks(case: Case) -> bool:
    """Programs that call ``forward`` and run on any device; masks on ``meta`` are not asked for."""
    names = {call.name for call in case["program"].calls}
    return bool(names & {"forward", "no grad"}) and not names & {"mask", "wrong mask", "bad input", "wrong batch"}


def script(case: Case) -> str:
    """The case as a person would try it."""
    rnn, program, dtype = case["rnn"], case["program"], case.dtype
    lines = [*scripts.rnn(rnn, dtype), *(["rnn.requires_grad_(False)"] if case["frozen"] else [])]
    lines += ["for each in rnn.parameters():", "    each.grad = torch.ones_like(each)", "module = StatefulRNN(rnn)"]
    lines.append("inputs = []")
    names = ["module"]
    calls_ = program.calls if "measure" not in case.options else program.calls[:5]
    for number, call in enumerate(calls_):
        name = names[call.arguments["on"]]
        match call.name:
            case "forward" | "no grad":
                part = Program(seeds=program.seeds[: call.arguments["size"]], poisoned=program.poisoned, calls=())
                x = scripts.batch(part, (call.arguments["steps"], rnn.input_size), dtype, number)
                if call.name == "no grad":
                    lines += ["with torch.no_grad():", f"    print({name}({x}))"]
                else:
                    lines += [f"inputs.append({x}.requires_grad_())", f"outputs = {name}(inputs[-1])", "print(outputs)"]
            case "wrong batch":
                x = f"torch.zeros(1, {call.arguments['size']}, {rnn.input_size}, dtype=torch.{dtype})"
                lines += _refused(f"{name}({x})", "ValueError")
            case "bad input":
                x = f"torch.zeros(1, {call.arguments['size']}, {rnn.input_size + 1}, dtype=torch.{dtype})"
                lines += _refused(f"{name}({x})", "Exception")
            case "mask":
                lines.append(f"{name}.reset(torch.tensor({list(call.arguments['mask'])}))")
            case "wrong mask":
                mask = f"torch.full({call.arguments['shape']}, {call.arguments['all']})"
                lines += _refused(f"{name}.reset({mask})", "ValueError")
            case "another with the same rnn":
                names.append("second")
                lines.append("second = StatefulRNN(rnn)")
                name = "second"
            case "another":
                names.append("second")
                seed = rnn.seed + 1
                lines += [f"torch.manual_seed({seed})", f"second = StatefulRNN({rnn.spelled(dtype)})"]
                name = "second"
            case _:
                lines.append(f"{name}.{call.name}()")
        lines.append(f'print("state of {name}:", {name}.state)')
    if "light" not in case.options and "measure" not in case.options:
        lines += [
            'print("gradients that were there:", [each.grad for each in rnn.parameters()])',
            "h = module.state[0] if isinstance(module.state, tuple) else module.state",
            f"size = {len(program.seeds)} if h is None else h.size(1)",
            "for at in 2, 1:",
            "    calls = []",
            "    def fail(*_):",
            "        calls.append(None)",
            "        if len(calls) == at:",
            '            raise Exception(f"rnn fails where it is called for time {at}")',
            "    handle = rnn.register_forward_pre_hook(fail)",
            '    print("the state before rnn fails:", module.state)',
            "    try:",
            f"        module(torch.zeros(3, size, {rnn.input_size}, dtype=torch.{dtype}))",
            "    except Exception as error:",
            '        print(f"{error}; the state:", module.state)',
            "    handle.remove()",
        ]
    lines += _refused(f"StatefulRNN(nn.{rnn.kind}(2, 3, bidirectional=True))", "ValueError")
    return "\n".join(lines)


def with_gradients(case: Case) -> str:
    """Lines that print the gradients of the last call, which reach no call before it."""
    if "forward" not in {call.name for call in case["program"].calls}:
        return ""
    return (
        "for number, found in enumerate(torch.autograd.grad(outputs.sum(), inputs, allow_unused=True)):\n"
        '    print("gradients of the last outputs for the inputs of call", number, found)'
    )


def _refused(call: str, expected: str) -> list[str]:
    return [
        "try:",
        f"    {call}",
        f"except {expected} as error:",
        '    print("refused:", error)',
        "else:",
        '    print("NOT REFUSED")',
    ]


GATHERED, RAISED = "gradients gathered before", "state, after rnn has raised"
HELD = ("inputs, after the call", "state, once its module is gone")
STATE_AXES = ("layer", "sequence", "feature")

exercise = Exercise(
    title="The stateful loop",
    level="expert",
    entry_points={"StatefulRNN": "StatefulRNN(rnn)"},
    cases=cases(),
    axes={
        "outputs": ("step", "sequence", "feature"),
        "outputs, looked at again": ("step", "sequence", "feature"),
        "state": STATE_AXES,
        "gradients of the inputs": ("step", "sequence", "feature"),
        "gradients of the earlier inputs": ("step", "sequence", "feature"),
    },
    properties=(
        Equivalence(name="each call goes on where the last one ended", points=1, of=("outputs",)),
        Equivalence(
            name="the state is what it should be",
            points=1,
            of=("state", "sequences not reset"),
        ),
        Gradients(
            name="each call can be backpropagated alone",
            points=1,
            of=("gradients of the inputs", "gradients of the weights", "gradients of the earlier inputs"),
            shows=with_gradients,
        ),
        Detached(name="the state is cut", points=1, of=("state",)),
        Isolation(name="sequences are isolated", points=1, cases=12, of=("outputs", "state"), permute=False),
        MemoryFlat(
            name="memory is flat",
            points=1,
            cases=1,
            at="call",
            unit="call",
            longer=many_calls,
            larger=large_calls,
            allowed_objects=2,
        ),
        Refuses(name="wrong calls are refused", points=1, of="refused", wrong=with_refusals),
        DtypeFollows(
            name="dtype of the module", points=1, cases=8, of=("outputs", "state"), dtypes=("float32", "bfloat16")
        ),
        DeviceFollows(
            name="device of the module",
            points=1,
            cases=3,
            of=("outputs", "state"),
            suits=without_masks,
            all_of_meta=True,
        ),
        ArgumentsUnchanged(
            name="module and results left alone",
            points=1,
            of=("outputs, looked at again", "state_dict", "masks", "inputs", GATHERED, RAISED, *HELD),
            saying={
                GATHERED: "The gradients that rnn's parameters had are others afterwards:",
                RAISED: "rnn raised, the first or the second time that a call ran it, and the state has changed:",
                "outputs, looked at again": "What an earlier call returned was changed later on:",
                "state_dict": "What would be saved is not just the parameters of `rnn`:",
                **dict.fromkeys(HELD, "A tensor is left behind, in the module, a global or a closure:"),
            },
        ),
    ),
    script=script,
    trivial=trivial,
    heavy=True,
)
