"""evaluate_sequences: measuring without leaking."""

from hypothesis import strategies as st

from grader import Case, Exercise, scripts
from grader import strategies as gs
from grader.properties import ArgumentsUnchanged, Detached, Equivalence, EquivalentRuns, LeavesNothing, Refuses

# What labels there are, and what the model says of them.
SORTS = {
    "anything": ([0, 1], [0, 1]),
    "no positives": ([0], [0, 1]),
    "all positive": ([1], [0, 1]),
    "never says 1": ([0, 1], [0]),
    "always says 1": ([0, 1], [1]),
}
# 49 sequences in a batch: a share of one, times 49, may be a little less than one
MANY = ((1, 1),) * 11 + ((0, 0),) * 33 + ((1, 0),) * 4 + ((0, 1),)
TROUBLES = ("in the model", "in the batches")
NO_ITERATOR = "in their iterator"
MODES = ("train", "eval", "first half in train", "second half in train", "every other in train")


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A classifier whose answers are known, batches of several sizes, and something that goes wrong the second time."""
    input_size, hidden_size = draw(gs.distinct_sizes(2, max_size=5))
    rnn = draw(gs.rnn_specs(sizes=(input_size, hidden_size), max_layers=2, bidirectional=False, projections=False))
    sort = draw(st.sampled_from([*SORTS, *["anything"] * 5]))
    labels, said = SORTS[sort]
    sequences = st.tuples(st.sampled_from(labels), st.sampled_from(said))
    count = draw(st.sampled_from([1, 2, 2, 3, 3, 4]))
    sizes = draw(st.lists(st.integers(1, 4), min_size=count, max_size=count))
    if draw(st.booleans()):
        sizes = [*[max(sizes)] * (count - 1), min(sizes)]  # as a data loader gives them
    batches = tuple(draw(st.lists(sequences, min_size=size, max_size=size)) for size in sizes)
    if sort == "anything" and draw(st.sampled_from([True, True, True, False])):
        batches[0][0] = (1, 1)  # so that every ratio has a denominator
    if sort == "anything" and draw(st.sampled_from([False] * 9 + [True])):
        batches = (MANY, *batches[1:])
    return Case(
        parts={
            "rnn": rnn,
            "batches": tuple(tuple(batch) for batch in batches),
            "lengths": tuple(draw(st.lists(st.integers(1, 5), min_size=count, max_size=count))),
            "seed": draw(gs.seeds()),
            "iterable": draw(st.sampled_from(["list", "generator"])),
            "modes": draw(st.sampled_from(MODES)),
            "frozen": draw(st.sampled_from([False, False, True])),
            "grad": draw(st.sampled_from([True, True, False])),
            "trouble": draw(st.sampled_from([*TROUBLES * 4, NO_ITERATOR])),
            "at": draw(st.integers(0, count - 1)),
            "sure": draw(st.sampled_from([1, 1, 1, 1, 1, 1, 150])),
            "view": draw(st.sampled_from([False] * 9 + [True])),  # who writes into logits then writes into the inputs
        }
    )


def pairs(case: Case) -> list[tuple[int, int]]:
    """Label and answer of every sequence."""
    return [pair for batch in case["batches"] for pair in batch]


def has_denominators(case: Case) -> bool:
    """Both precision and recall are ratios."""
    return any(label for label, _ in pairs(case)) and any(said for _, said in pairs(case))


def with_graph(case: Case) -> bool:
    """The caller does not switch gradients off himself."""
    return has_denominators(case) and case["grad"]


def trivial(case: Case) -> bool:
    """Where every answer is right, or none, ratios are 1 or 0."""
    return len({label == said for label, said in pairs(case)}) == 1


def rare(case: Case) -> str | None:
    """What few cases need be of."""
    if case["view"]:
        return "logits that are a view"
    return NO_ITERATOR if case["trouble"] == NO_ITERATOR else None


def itself(case: Case) -> Case:
    """Every case shows what types there are, and holds a call that goes wrong."""
    return case


MODEL = """
class Flip(nn.Module):
    def forward(self, x):
        return -x if self.training else x

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = rnn
        layers = nn.Linear({hidden}, {hidden}, dtype=torch.{dtype}), nn.Linear({hidden}, 2, dtype=torch.{dtype})
        self.head = nn.Sequential(Flip(), *layers)
        self.beside = nn.Sequential(self.head[0])
        self.calls, self.fails_at = 0, None

    def forward(self, x, state):
        if self.calls == self.fails_at:
            raise Trouble("in the model")
        self.calls += 1
        outputs, state = self.rnn(x, state)
        said = {sure} * x[:, :, 0].mean(0)
        both = 3 * x[:, :, 1].mean(0)
        logits = {logits}
        return (-logits if self.training else logits), state

class Trouble(Exception):
    pass

def batch(seed, steps, labels, said):
    x = numbers(seed, steps, len(labels), {inputs}, dtype=torch.{dtype})
    x[:, :, 0] = torch.tensor([1.0 if one else -1.0 for one in said]){last_step}
    return x, torch.tensor(labels)

def with_trouble(batches):
    yield from batches[:{at}]
    raise Trouble("in the batches")

class NoIterator:
    def __iter__(self):
        raise Trouble("in their iterator")

def modes():
    return {{name or "model": module.training for name, module in model.named_modules()}}

model = Model()
for index, module in enumerate(model.modules()):
    module.training = {training}
"""
LOGITS = "0.2 * self.head(outputs[-1]) + torch.stack([both - said, both + said], dim=1)"
LAST_STEP = "\n    x[-1, :, 1] = x[-1, :, 0]\n    x[-1, :, 0] *= -1"
TRAINING = {
    "train": "True",
    "eval": "False",
    "first half in train": "index < 3",
    "second half in train": "index >= 3",
    "every other in train": "index % 2 == 1",
}


def script(case: Case) -> str:
    """The case as a person would try it."""
    rnn = case["rnn"]
    model = MODEL.format(
        hidden=rnn.hidden_size,
        inputs=rnn.input_size,
        dtype=case.dtype,
        at=case["at"],
        sure=case["sure"],
        training=TRAINING[case["modes"]],
        logits="x[-1, :, :2]" if case["view"] else LOGITS,
        last_step=LAST_STEP if case["view"] else "",
    )
    made = [
        f"batch({case['seed'] + index}, {steps}, {[label for label, _ in pairs_]}, {[said for _, said in pairs_]})"
        for index, (pairs_, steps) in enumerate(zip(case["batches"], case["lengths"], strict=True))
    ]
    handed = "batches" if case["iterable"] == "list" else "iter(batches)"
    lines = [
        *scripts.rnn(rnn, case.dtype),
        *model.rstrip().split("\n"),
        *(["rnn.requires_grad_(False)"] if case["frozen"] else []),
        *scripts.listed("batches", made),
        'print("modes before:", modes())',
        f"torch.set_grad_enabled({case['grad']})",
        f"print(evaluate(model, {handed}))",
        'print("modes after:", modes(), "grad mode after:", torch.is_grad_enabled())',
    ]
    if case["view"]:
        lines.append('print("batches after:", batches)')
    if case["trouble"] == "in the model":
        lines.append(f"model.fails_at = model.calls + {case['at']}")
    handed = {"in the batches": "with_trouble(batches)", NO_ITERATOR: "NoIterator()"}.get(case["trouble"], handed)
    lines += [
        "try:",
        f"    print(evaluate(model, {handed}))",
        "except Trouble as trouble:",
        '    print("it passed through:", trouble)',
        'print("modes after an error:", modes(), "grad mode after an error:", torch.is_grad_enabled())',
        'print("hooks after an error:", sum(len(each._forward_hooks) for each in model.modules()))',
        "torch.set_grad_enabled(True)",
    ]
    return "\n".join(lines)


AFTER_AN_ERROR = ("modes after an error", "grad mode after an error")

exercise = Exercise(
    title="Measuring without leaking",
    level="intermediate",
    entry_points={"evaluate": "evaluate(model, batches)"},
    cases=cases(),
    axes={"logits": ("sequence", "feature")},
    properties=(
        Equivalence(name="the loss over all sequences", points=2, of=("loss",), suits=has_denominators),
        Equivalence(name="counts and ratios", points=1, of=("counts", "ratios")),
        EquivalentRuns(name="Python numbers", points=1, of=("types",), run=itself),
        Detached(name="no graph", points=1, of=("logits",), leaves_too=True, suits=with_graph),
        ArgumentsUnchanged(
            name="modes restored",
            points=1,
            of=("modes", "grad mode"),
            suits=has_denominators,
            saying=dict.fromkeys(("modes", "grad mode"), "A mode is not what it was before the call:"),
        ),
        ArgumentsUnchanged(
            name="modes restored after an error",
            points=1,
            of=AFTER_AN_ERROR,
            suits=has_denominators,
            saying=dict.fromkeys(AFTER_AN_ERROR, "A call in which an error came up left a mode changed:"),
        ),
        Refuses(
            name="errors pass through",
            points=1,
            of="error",
            wrong=itself,
            suits=has_denominators,
            lead="The model or the batches raised an error, which did not come through to the caller",
        ),
        ArgumentsUnchanged(
            name="model and batches left alone",
            points=1,
            of=("model", "batches", "hooks after an error"),
            suits=has_denominators,
            saying={
                **dict.fromkeys(("model", "batches"), "The call changed the model or the batches:"),
                "hooks after an error": "A call in which an error came up left a hook on the model:",
            },
        ),
        LeavesNothing(name="nothing kept", points=1, of="kept", cases=25, suits=has_denominators),
    ),
    rare=rare,
    script=script,
    trivial=trivial,
)
