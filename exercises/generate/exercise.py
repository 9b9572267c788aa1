"""generate: one token at a time."""

import dataclasses

from hypothesis import strategies as st

from grader import Case, Exercise, scripts
from grader import strategies as gs
from grader.properties import (
    ArgumentsUnchanged,
    Detached,
    DeviceFollows,
    Equivalence,
    EquivalentRuns,
    Isolation,
    LeavesNothing,
    LinearWork,
)

STEPS = 6  # of the shortest of the runs in which work is counted
# Longer than a context window as people crop it, one token more than pieces of 2, 3, 4, 6, 8 and so on up to 128, and
# not too long for who recurses; more prompts than a group of them, more tokens than a beam holds.
LONG, MANY, ALPHABET = 385, 130, 66
VOCABULARY = 2000  # of which most ids don't go into a byte


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A small language model, a batch of prompts, and how many tokens to generate, once or twice.

    A prompt is a window of ids below ``features``, the size of the vocabulary, which no other size reaches.
    """
    vocabulary = draw(st.integers(6, 9))
    rnn = draw(gs.rnn_specs(sizes=draw(gs.distinct_sizes(2, max_size=5)), bidirectional=False, max_layers=2))
    prompt = draw(gs.windows(features=vocabulary, targets=1, max_windows=1))
    steps = draw(st.sampled_from([1, 2, 3, 4, 5, 6, 3, 4, 5, 6]))
    calls = draw(st.sampled_from([1, 1, 2]))
    mode = draw(st.sampled_from(["eval", "train"]))
    dtype = draw(st.sampled_from(["float64"] * 5 + ["float32"]))
    parts = {"rnn": rnn, "prompt": prompt, "steps": steps, "calls": calls, "mode": mode}
    # who keeps sequences as rows has the prompt transposed in memory
    parts["transposed"] = draw(st.sampled_from([False] * 5 + [True]))
    parts["fails"] = draw(st.sampled_from([False] * 7 + [True]))
    return Case(parts=parts, dtype=dtype)


def longer(case: Case, times: int) -> Case:
    """The same prompt, continued further."""
    return case.with_parts(steps=times * STEPS, calls=1, fails=False).with_options(light=True, counted=True)


def large_prompt(case: Case) -> Case:
    """Prompts that a context window would cut, or, in the other mode, more of them than anybody has in one batch.

    The vocabulary is larger than what is left of it where only the best tokens are looked at, and logits are so large
    that their exponentials are infinite.
    """
    prompt = case["prompt"]
    if case["mode"] == "train":
        prompt = dataclasses.replace(prompt, lengths=(LONG,), features=VOCABULARY)
    else:
        prompt = dataclasses.replace(prompt.of_size(MANY), features=ALPHABET)
    parts = {"prompt": prompt, "steps": 2, "calls": 1, "fails": False}
    return case.on(dtype="float64").with_parts(**parts).with_options(light=True, large=True)


def few_steps(case: Case) -> Case:
    """The same prompt: its tokens, the first one that follows from them, and two that follow from one."""
    return case.with_parts(steps=min(case["steps"], 3), calls=1, fails=False)


def in_usual_order(case: Case) -> bool:
    """No case of which only the law of tokens speaks."""
    return not case["transposed"]


def trivial(case: Case) -> bool:
    """A single token may happen to be 0."""
    return case["steps"] == 1


def script(case: Case) -> str:
    """The case as a person would try it."""
    rnn, prompt = case["rnn"], case["prompt"]
    vocabulary, width = prompt.features, rnn.state_features
    precision = "" if case.dtype == "float64" else f", dtype=torch.{case.dtype}"
    lines = [
        *scripts.rnn(rnn, case.dtype),
        f"embedding = nn.Embedding.from_pretrained(numbers({rnn.seed + 1}, {vocabulary + 1}, {rnn.input_size}"
        f"{precision}))",
        *([f'embedding.weight[{vocabulary}] = float("nan")'] if prompt.poisoned else []),
        f"head = nn.Linear({width}, {vocabulary}, dtype=torch.{case.dtype})",
        "with torch.no_grad():",
        "    for parameter in rnn.parameters():",
        "        parameter.mul_(2)",
        f"    head.weight.copy_({'1000 * ' if 'large' in case.options else ''}"
        f"numbers({rnn.seed + 2}, {vocabulary}, {width}{precision}))",
        "    head.bias.zero_()",
        "",
        "class Model(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        "        self.embedding, self.rnn, self.head = embedding, rnn, head",
        "",
        "    def forward(self, tokens, state=None):",
        *(["        if next(failures, False):", "            raise KeyboardInterrupt"] if case["fails"] else []),
        f'        print("fed:", {"tokens.tolist()" if case.device == "cpu" else "tokens.shape"})',
        "        outputs, state = self.rnn(self.embedding(tokens), state)",
        f"        repeated = tokens.unsqueeze(-1) == torch.arange({vocabulary}, device=tokens.device)",
        "        return self.head(outputs) - 10 * repeated, state  # no token is followed by itself",
        "",
        f"prompt = {scripts.ids(prompt, (prompt.lengths[0],), vocabulary)}",
        *(["prompt = prompt.t().contiguous().t()"] if case["transposed"] else []),
        f"model = Model().{case['mode']}()",
    ]
    if case.device != "cpu":
        lines.append(f'model, prompt = model.to("{case.device}"), prompt.to("{case.device}")')
    if case["fails"]:
        lines += [
            "failures = iter([False, True])",
            "try:",
            f"    generate(model, prompt, {case['steps']})",
            "except KeyboardInterrupt:",
            '    print("a call that was ended")',
            'print("gradients are on:", torch.is_grad_enabled())',
            "torch.set_grad_enabled(True)",
            "failures = iter([])",
        ]
    for _ in range(case["calls"]):
        lines += [
            f"tokens, logits = generate(model, prompt, {case['steps']})",
            'print("tokens:", tokens)',
            'print("logits:", logits)',
        ]
    return "\n".join(lines)


FAILED = "gradients enabled, after the model has failed"

exercise = Exercise(
    title="One token at a time",
    level="advanced",
    entry_points={"generate": "generate(model, prompt, steps)"},
    cases=cases(),
    axes={"tokens": ("step", "sequence"), "logits": ("step", "sequence", "token")},
    properties=(
        Equivalence(name="the logits of every step", suits=in_usual_order, points=1, of=("logits",)),
        Equivalence(name="the tokens of every step", points=1, of=("tokens",)),
        EquivalentRuns(
            name="long prompts, and many of them",
            suits=in_usual_order,
            points=1,
            cases=4,
            of=("tokens fed, of those to be fed", "tokens", "logits"),
            run=large_prompt,
        ),
        LinearWork(name="every token is fed once", suits=in_usual_order, points=1, of=("tokens fed",)),
        LinearWork(
            name="the work grows linearly",
            suits=in_usual_order,
            points=1,
            cases=4,
            of=("tokens fed", "calls"),
            longer=longer,
            unit="step",
        ),
        Detached(name="no graph", suits=in_usual_order, points=1, of=("tokens", "logits"), leaves_too=True),
        Isolation(
            name="sequences are isolated",
            points=1,
            cases=12,
            suits=in_usual_order,
            of=("tokens", "logits"),
            nan=False,  # of NaN none is the largest
        ),
        ArgumentsUnchanged(
            name="model and prompt left alone",
            suits=in_usual_order,
            points=1,
            of=("arguments", FAILED),
            saying={FAILED: "The model failed, and afterwards torch is not as it was:"},
        ),
        LeavesNothing(name="nothing kept", suits=in_usual_order, points=1, of="kept"),
        DeviceFollows(
            name="device and dtype of the model",
            suits=in_usual_order,
            points=1,
            cases=3,
            of=("tokens", "logits"),
            fewer=few_steps,
            dtypes=("float64",),
        ),
    ),
    rare=lambda case: "fails" if case["fails"] else None,
    script=script,
    trivial=trivial,
    heavy=True,
)
