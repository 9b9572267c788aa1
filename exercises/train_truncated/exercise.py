"""train_truncated: truncated backpropagation through time."""

from dataclasses import replace

from hypothesis import strategies as st

from grader import Case, Exercise, RnnSpec, Windows, scripts
from grader import strategies as gs
from grader.cases import MANY_STEPS
from grader.properties import (
    ArgumentsUnchanged,
    ChunksEqualWhole,
    Detached,
    DeviceFollows,
    Equivalence,
    Gradients,
    MemoryFlat,
)

PLAIN = ("as torch gives it", "view")  # tensors, and pairs of them
CONTAINED = ("dict", "list", "named", "nested", "with a parameter")
MANY, LARGE = 18, 12


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A small model, windows of any lengths (none at all, too), and perhaps an initial state."""
    input_size, hidden_size, targets = draw(gs.distinct_sizes(3, max_size=6))
    rnn = draw(gs.rnn_specs(sizes=(input_size, hidden_size), max_layers=2, bidirectional=False, projections=False))
    targets = draw(st.sampled_from([targets] * 7 + [1]))  # a network that predicts a single number
    form = draw(st.sampled_from(PLAIN * 4 + CONTAINED))
    windows = draw(gs.windows(features=input_size, targets=targets, min_windows=0, max_windows=5))
    many_steps = draw(st.sampled_from([False] * 9 + [True]))
    if many_steps:  # in a single window, so that a gradient that ends within it costs the laws of gradients alone
        form, windows = PLAIN[0], replace(windows.of_size(1), lengths=(66,))
    return Case(
        parts={
            "rnn": rnn,
            "form": form,
            "windows": windows,
            "iterable": draw(st.sampled_from(["generator", "generator", "list"])),
            "state": draw(gs.states(batch_size=windows.batch_size)),
            "momentum": draw(st.sampled_from([0.0, 0.5])),
            "loud": not many_steps and draw(st.sampled_from([False, False, True])),
            "training": draw(st.sampled_from([True, True, False])),
            "inputs need gradients": draw(st.booleans()),
            # in memory, as windows of batch-first data are
            "turned": form in PLAIN and not many_steps and draw(st.sampled_from([False] * 7 + [True])),
            "many steps": many_steps,
        }
    )


# A state in each form, as lines of a script: made of what torch gives, and taken apart again.
SPELLED = {
    "dict": ('state = {"state": state}', 'state = state["state"]'),
    "list": ("state = [state]", "state = state[0]"),
    "named": ("state = State(state)", "state = state.parts"),
    "nested": (
        'state = {"layers": [(state,)], "step": torch.tensor(3), "memory": None, "cache": {}, "queue": ()}',
        'state = state["layers"][0][0]',
    ),
    "view": ("state = state if isinstance(state, tuple) else state[:]", ""),
    "with a parameter": ('state = {"state": state, "gain": self.gain}', 'state, gain = state["state"], state["gain"]'),
}


TURNED = "windows = [tuple(each.transpose(0, 1).contiguous().transpose(0, 1) for each in both) for both in windows]"
GROUPS = '[{"params": [*rnn.parameters(), *head.parameters()]}, {"params": [model.gain], "lr": 0.0}]'


def many_windows(case: Case) -> Case:
    """Many windows with a model of many graph nodes: a cell, step by step."""
    rnn = RnnSpec(kind="LSTM", input_size=6, hidden_size=8, seed=case["rnn"].seed)
    windows = Windows(seeds=(1, 2, 3, 4), lengths=(8,) * MANY, features=6, targets=6)
    parts = {"rnn": rnn, "windows": windows, "iterable": "generator", "state": None, "momentum": 0.0}
    parts["form"] = PLAIN[0]
    return case.with_parts(**parts).with_options(by_cell=True)


def large_windows(case: Case) -> Case:
    """Fewer windows, each so large that its graph shows in the memory of the process."""
    rnn = RnnSpec(kind="LSTM", input_size=16, hidden_size=32, seed=case["rnn"].seed)
    windows = Windows(seeds=tuple(range(16)), lengths=(40,) * LARGE, features=16, targets=8)
    return case.with_parts(rnn=rnn, windows=windows, iterable="generator", state=None, momentum=0.0, form=PLAIN[0])


def cut(case: Case) -> Case | None:
    """The windows handed over in two calls, the state handed on."""
    count = len(case["windows"].lengths)
    return case.with_options(light=True, cut=count // 2) if count > 1 else None


def in_usual_order(case: Case) -> bool:
    """No case of which only the laws of losses speak."""
    return not case["turned"]


def plain(case: Case) -> bool:
    """A state as torch gives it: who thought of no other makes one mistake, which costs the law of containers."""
    return case["form"] in PLAIN


def plain_in_usual_order(case: Case) -> bool:
    """A case of which every law speaks but that of containers."""
    return plain(case) and in_usual_order(case)


def in_two_calls(case: Case) -> bool:
    """A case to be cut in two; one sort of containers will do, so that most are plain."""
    return in_usual_order(case) and (plain(case) or case["form"] == "nested")


def contained(case: Case) -> bool:
    """A state in containers."""
    return not plain(case)


def rare(case: Case) -> str | None:
    """What few cases need be of."""
    if case["turned"]:
        return "turned"
    if case["many steps"]:
        return MANY_STEPS
    if case["windows"].targets == 1:
        return "one target"
    return case["form"] if contained(case) else None


def trivial(case: Case) -> bool:
    """Without windows there is nothing to do."""
    return not case["windows"].lengths


def script(case: Case) -> str:
    """The case as a person would try it."""
    rnn, part = case["rnn"], case["windows"]
    shapes = [(length, size) for length in part.lengths for size in (part.features, part.targets)]
    texts = [scripts.batch(part, shape, case.dtype, number) for number, shape in enumerate(shapes)]
    if case["loud"]:
        texts[1::2] = [f"100 * {text}" for text in texts[1::2]]
    rate = 0.001 if case["loud"] else 0.1
    form = case["form"]
    wrap, unwrap = SPELLED.get(form, ("", ""))
    gain = form == "with a parameter"
    lines = [
        *scripts.rnn(rnn, case.dtype),
        f"head = nn.Linear({rnn.hidden_size}, {part.targets}, dtype=torch.{case.dtype})",
        *(['State = collections.namedtuple("State", "parts")'] if form == "named" else []),
        "",
        "class Model(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        "        self.rnn, self.head = rnn, head",
        *([f"        self.gain = nn.Parameter(torch.ones((), dtype=torch.{case.dtype}))"] if gain else []),
        "",
        "    def forward(self, x, state=None):",
        *(["        gain = self.gain"] if gain else []),
        *(["        if state is not None:", f"            {unwrap}"] if unwrap else []),
        "        outputs, state = self.rnn(x, state)",
        *([f"        {wrap}"] if wrap else []),
        f"        return self.head(outputs{' * (gain + self.gain)' if gain else ''}), state",
        "",
        *scripts.state(case["state"], rnn, case.dtype),
    ]
    if form == "named":
        lines.insert(0, "import collections")
    if case["state"] is not None and wrap:
        lines.append(wrap.replace("self.gain", f"torch.ones((), dtype=torch.{case.dtype})"))
    learned = GROUPS if gain else "model.parameters()"
    lines += [
        *scripts.listed("windows", [f"({x}, {y})" for x, y in zip(texts[::2], texts[1::2], strict=True)]),
        *([TURNED] if case["turned"] else []),
        f"model = Model(){'' if case['training'] else '.eval()'}",
        f"optimizer = torch.optim.SGD({learned}, lr={rate}, momentum={case['momentum']})",
    ]
    handed = "iter(windows)" if case["iterable"] == "generator" else "windows"
    if "cut" in case.options:
        k = case.options["cut"]
        lines += [
            f"first, state = train_truncated(model, optimizer, windows[:{k}], state)",
            f"rest, state = train_truncated(model, optimizer, windows[{k}:], state)",
            "losses = first + rest",
        ]
    else:
        lines.append(f"losses, state = train_truncated(model, optimizer, {handed}, state)")
    lines += ['print("losses:", losses)', 'print("state:", state)']
    lines += ['print("weights:", *model.parameters())', 'print("gradients are on:", torch.is_grad_enabled())']
    if not case["training"]:
        lines.append('print("training:", model.training)')
    if "measure" in case.options:
        lines = _memory_script(part)
    return "\n".join(lines)


def _memory_script(part: Windows) -> list[str]:
    return [
        "class Model(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        f"        self.rnn, self.head = nn.LSTM({part.features}, 32), nn.Linear(32, {part.targets})",
        "",
        "    def forward(self, x, state=None):",
        "        outputs, state = self.rnn(x, state)",
        "        return self.head(outputs), state",
        "",
        "def windows():",
        "    import resource",
        "    for number in range(200):",
        "        if number % 20 == 0:",
        '            print(number, "windows:", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MB")',
        f"        yield torch.randn(40, 16, {part.features}), torch.randn(40, 16, {part.targets})",
        "",
        "model = Model()",
        "losses, state = train_truncated(model, torch.optim.SGD(model.parameters(), lr=0.1), windows())",
        'print(len(losses), "losses")',
    ]


STATE_AXES = ("layer", "sequence", "feature")

exercise = Exercise(
    title="Truncated backpropagation through time",
    level="advanced",
    entry_points={"train_truncated": "train_truncated(model, optimizer, windows, state=None)"},
    cases=cases(),
    axes={
        "final state": STATE_AXES,
        "state given to the model": STATE_AXES,
        "gradients of the windows": ("window", "step", "sequence", "feature"),
        "losses": ("window",),
    },
    properties=(
        Equivalence(name="one loss a window", points=1, of=("losses", "windows read ahead"), suits=plain),
        Equivalence(
            name="the state goes on",
            points=1,
            of=("state given to the model", "final state", "requires_grad of the final state"),
            suits=plain_in_usual_order,
        ),
        Equivalence(
            name="a state in containers goes on, too",
            points=1,
            of=("state given to the model", "final state", "gradients at each step"),
            suits=contained,
        ),
        Equivalence(name="the weights learn", points=1, of=("weights after training",), suits=plain_in_usual_order),
        Gradients(
            name="gradients through each window, and no further",
            points=1,
            of=("gradients at each step",),
            where_kept=("gradients of the windows",),
            suits=plain_in_usual_order,
        ),
        Detached(
            name="the state is cut",
            points=1,
            of=("state given to the model", "final state"),
            suits=in_usual_order,
        ),
        MemoryFlat(
            name="memory is flat",
            points=1,
            cases=1,
            at="window",
            unit="window",
            longer=many_windows,
            suits=in_usual_order,
            larger=large_windows,
        ),
        ChunksEqualWhole(
            name="two calls equal one",
            points=1,
            cases=8,
            of=("losses", "final state", "weights after training"),
            cut=cut,
            suits=in_two_calls,
            pieces="in two calls, with the state handed on",
        ),
        ArgumentsUnchanged(
            name="model, windows and initial state left alone",
            points=1,
            of=("model", "windows", "initial state", "torch.is_grad_enabled()"),
            suits=in_usual_order,
            saying={"torch.is_grad_enabled()": "After the call, what comes next finds another mode of torch:"},
        ),
        DeviceFollows(
            name="device and dtype of the model",
            points=1,
            cases=2,
            of=("final state", "state given to the model"),
            dtypes=("float64",),
            suits=plain_in_usual_order,
        ),
    ),
    rare=rare,
    script=script,
    trivial=trivial,
    heavy=True,
)
