"""sequence_pipeline: from sequence to prediction."""

from dataclasses import replace

from hypothesis import strategies as st

from grader import Case, Exercise, RnnSpec, scripts
from grader import strategies as gs
from grader.cases import MANY_STEPS
from grader.properties import (
    ArgumentsUnchanged,
    DeviceFollows,
    Equivalence,
    Gradients,
    Isolation,
    LeavesNothing,
    TrainingLearns,
)

PARTS = ("classifier", "tagger", "training")
ONE_CLASS = "one class"

SURE, VERY_SURE = 50, 1000  # times as large are the logits of a model that is sure


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """One of three parts: a classifier or a tagger to call, or a classifier to train for an epoch."""
    input_size, hidden_size, classes = draw(gs.distinct_sizes(3))
    square = draw(st.sampled_from([False] * 9 + [True]))  # an output could be added to its input, and no error comes
    hidden_size = input_size if square else draw(st.sampled_from([hidden_size] * 9 + [1]))
    rnn = draw(
        gs.rnn_specs(
            sizes=(input_size, hidden_size), kinds=["RNN"], max_layers=1, bidirectional=False, projections=False
        )
    )
    part = draw(st.sampled_from(PARTS))
    # What is called is in single precision, as students call it: in double precision it has a law of its own.
    dtype = draw(st.sampled_from(["float64", "float32"])) if part == "training" else "float32"
    parts = {"part": part, "rnn": rnn, "classes": classes, "square": square}
    if part == "training":
        batches = draw(gs.windows(features=input_size, targets=1, max_windows=4))
        parts |= {
            "batches": batches,
            "last": draw(st.integers(1, batches.batch_size)),
            "iterable": draw(st.sampled_from(["list", "generator"])),
            "momentum": draw(st.sampled_from([0.0, 0.5])),
            "sure": draw(st.sampled_from([False] * 5 + [True])),  # of wrong answers, too, which cost much then
        }
        dtype = "float64" if parts["sure"] else dtype
    else:
        inputs = draw(gs.windows(features=input_size, targets=1, max_windows=1))
        special = draw(st.sampled_from([*[None] * 8, MANY_STEPS, *[ONE_CLASS] * (part == "classifier")]))
        if special == MANY_STEPS:  # what comes of the first step is small behind so many, and has to show
            inputs, dtype = replace(inputs.of_size(1), lengths=(66,)), "float64"
        if special == ONE_CLASS:
            parts["classes"] = 1
        parts["special"] = special
        parts |= {"inputs": inputs, "state": draw(gs.states(batch_size=inputs.batch_size))}
        parts["silent end"] = draw(st.sampled_from([False] * 5 + [True]))
        parts["mode"] = draw(st.sampled_from(["train", "train", "eval"]))
    return Case(parts=parts, dtype=dtype)


def rare(case: Case) -> str | None:
    """What few cases need be of, for each part that is called."""
    if case["part"] not in CALLED:
        return None
    special = "square" if case["square"] else case["special"]
    return special and f"{case['part']}, {special}"


def trivial(case: Case) -> bool:
    """A single class is certain, whatever the network says."""
    return case["part"] == "classifier" and case["special"] == ONE_CLASS


def of_part(*names: str):
    """Tells the cases of some parts from the others."""
    return lambda case: case["part"] in names


def five_epochs(case: Case) -> Case:
    """Training on the course's own data, the same for every case: three classes, 44 sequences, 6 in a batch."""
    rnn = RnnSpec(kind="RNN", input_size=5, hidden_size=8, seed=11)
    course = case.with_parts(rnn=rnn, classes=3, sure=False).on(dtype="float32")
    return course.with_options(epochs=5, sequences=44, batch=6, steps=7, shown=3, seed=1, head=0.2)


def script(case: Case) -> str:
    """The case as a person would try it."""
    rnn = case["rnn"]
    precision = "" if case.dtype == "float64" else f", dtype=torch.{case.dtype}"
    factor = case.options.get("head")
    if case["part"] == "training" and case["sure"]:
        factor = SURE
    if case["part"] == "classifier" and case["silent end"]:
        factor = VERY_SURE
    scale = f"{factor} * " if factor else ""
    made = "SequenceTagger" if case["part"] == "tagger" else "SequenceClassifier"
    classes = case["classes"]
    lines = [
        *scripts.rnn(rnn, case.dtype),
        f"model = {made}({rnn.input_size}, {rnn.hidden_size}, {classes}).to(torch.{case.dtype})",
        "model.rnn.load_state_dict(rnn.state_dict())",
        f"weight = {scale}numbers({rnn.seed + 1}, {classes}, {rnn.hidden_size}{precision})",
        f"bias = {scale}numbers({rnn.seed + 2}, {classes}{precision})",
        'model.head.load_state_dict({"weight": weight, "bias": bias})',
    ]
    if "epochs" in case.options:
        return "\n".join([*lines, *_training_script(case)])
    if case["part"] == "training":
        return "\n".join([*lines, *_epoch_script(case)])
    part = case["inputs"]
    lines += ["model.eval()"] if case["mode"] == "eval" else []
    lines += [f"x = {scripts.batch(part, (part.lengths[0], part.features), case.dtype)}"]
    lines += ["x[-1] = 0"] if case["silent end"] else []
    lines += scripts.state(case["state"], rnn, case.dtype)
    if case.device != "cpu":
        lines.append(f'model, x = model.to("{case.device}"), x.to("{case.device}")')
        if case["state"] is not None:
            lines.append(f'state = state.to("{case.device}")')
    lines += scripts.needing_gradients(case, "x")
    lines += ["logits, new_state = model(x, state)", 'print("logits:", logits)', 'print("state:", new_state)']
    if case["part"] == "classifier":
        lines.append('print("probabilities:", model.predict(x))')
        lines.append(f'print("{FROZEN}:", [name for name, each in model.named_parameters() if not each.requires_grad])')
    return "\n".join(lines)


def with_gradients(case: Case) -> str:
    """Lines that print the gradients of a call."""
    if case["part"] == "training":
        return ""
    results, weights = ("logits", "new_state"), "model.parameters()"
    return scripts.gradients(case, inputs="x", weights=weights, results=results, of_state_alone=False)


def _epoch_script(case: Case) -> list[str]:
    part = case["batches"]
    batches = []
    for number, length in enumerate(part.lengths):
        x = scripts.batch(part, (length, part.features), case.dtype, 2 * number)
        y = scripts.ids(part, (), case["classes"], 2 * number + 1)
        size = "" if number < len(part.lengths) - 1 or case["last"] == part.batch_size else case["last"]
        batches.append(f"({x}{f'[:, :{size}]' if size else ''}, {y}{f'[:{size}]' if size else ''})")
    given = "iter(batches)" if case["iterable"] == "generator" else "batches"
    return [
        *scripts.listed("batches", batches),
        "first, *rest = model.parameters()",
        'groups = [{"params": [first]}, {"params": rest}]',
        f"optimizer = torch.optim.SGD(groups, lr=0.1, momentum={case['momentum']})",
        "for each in model.parameters():",
        "    each.grad = torch.ones_like(each)",
        "optimizer.step()  # it has been used before",
        "for each in model.parameters():",
        "    each.grad = None",
        f"loss, accuracy = train_epoch(model, optimizer, {given})",
        'print("loss:", loss, "accuracy:", accuracy)',
        "for name, parameter in model.named_parameters():",
        "    print(name, parameter)",
    ]


def _training_script(case: Case) -> list[str]:
    o = case.options
    precision = "" if case.dtype == "float64" else f", dtype=torch.{case.dtype}"
    return [
        f"y = torch.arange({o['sequences']}) % {case['classes']}",
        f"x = 0.3 * numbers({o['seed']}, {o['steps']}, {o['sequences']}, {case['rnn'].input_size}{precision})",
        f"x[-{o['shown']}:, torch.arange({o['sequences']}), y] += 1",
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)",
        f"for epoch in range({o['epochs']}):",
        f"    batches = list(zip(x.split({o['batch']}, dim=1), y.split({o['batch']})))",
        '    print("epoch", epoch, "loss and accuracy:", train_epoch(model, optimizer, batches))',
    ]


FROZEN = "parameters that require no gradient"
STATE_AXES = ("layer", "sequence", "feature")
CALLED = ("classifier", "tagger")
RESULTS = ("classifier's logits", "classifier's state", "probabilities", "tagger's logits", "tagger's state")

exercise = Exercise(
    title="From sequence to prediction",
    level="intermediate",
    entry_points={
        "SequenceClassifier": "SequenceClassifier(input_size, hidden_size, num_classes)",
        "SequenceTagger": "SequenceTagger(input_size, hidden_size, num_classes)",
        "train_epoch": "train_epoch(model, optimizer, batches)",
    },
    cases=cases(),
    axes={
        "classifier's logits": ("sequence", "class"),
        "classifier's state": STATE_AXES,
        "probabilities": ("sequence", "class"),
        "tagger's logits": ("step", "sequence", "class"),
        "tagger's state": STATE_AXES,
        "gradients of the classifier's inputs": ("step", "sequence", "feature"),
        "gradients of the tagger's inputs": ("step", "sequence", "feature"),
        "gradients of the classifier's initial state": STATE_AXES,
        "gradients of the tagger's initial state": STATE_AXES,
    },
    properties=(
        Equivalence(
            name="the classifier's logits, and its state",
            points=1,
            of=("classifier's logits", "classifier's state"),
            suits=of_part("classifier"),
        ),
        Equivalence(
            name="the tagger's logits, and its state",
            points=1,
            of=("tagger's logits", "tagger's state"),
            suits=of_part("tagger"),
        ),
        Equivalence(name="probabilities", points=1, of=("probabilities",), suits=of_part("classifier")),
        Equivalence(
            name="an epoch's loss and accuracy, and the weights after it",
            points=1,
            of=("loss", "accuracy", "weights after the epoch"),
            suits=of_part("training"),
        ),
        Gradients(
            name="gradients",
            points=1,
            of=(
                *(
                    f"gradients of the {who}'s {what}"
                    for who in CALLED
                    for what in ("inputs", "initial state", "weights")
                ),
                "gradients at the optimizer.step() of each batch",
            ),
            shows=with_gradients,
        ),
        TrainingLearns(
            name="training learns",
            points=1,
            cases=1,
            suits=of_part("training"),
            of="epoch",
            training=five_epochs,
            falls={"loss": (1.0, 0.5)},
            rises={"accuracy": (0.5, 0.8)},
        ),
        Isolation(name="sequences are isolated", points=1, cases=8, of=RESULTS, suits=of_part(*CALLED)),
        ArgumentsUnchanged(
            name="arguments untouched",
            points=1,
            of=("arguments", FROZEN),
            saying={FROZEN: "`predict` should leave the parameters as they were:"},
        ),
        LeavesNothing(name="nothing kept", points=1, of="kept"),
        DeviceFollows(
            name="device and dtype of the model",
            points=1,
            cases=8,  # of both
            of=RESULTS,
            dtypes=("float64",),
            suits=of_part(*CALLED),
        ),
    ),
    rare=rare,
    trivial=trivial,
    script=script,
    heavy=True,
)
