"""Counterexamples as scripts: each runs in a fresh Python with torch and the submission, and shows what is wrong."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader import scripts
from grader.cases import RnnSpec, Sequences, State
from grader.grading import Grader
from grader.report import Counterexample
from grader.submission import read_submission

WRONG = {
    "init_hidden": """\
import torch


def init_hidden(rnn, batch_size):
    like = next(rnn.parameters())
    h = like.new_zeros(rnn.hidden_size, batch_size)
    return (h, h) if rnn.mode == "LSTM" else h
""",
    "detach_state": """\
def detach_state(state):
    return state.detach()
""",
    "run_batch": """\
import torch


def run_batch(rnn, sequences, state=None):
    raise KeyError("lengths")
""",
    "train_truncated": """\
def train_truncated(model, optimizer, windows, state=None):
    return [], None
""",
    "stateful_rnn": """\
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn
        self.state = None

    def forward(self, inputs):
        outputs, self.state = self.rnn(inputs, self.state)
        return outputs

    def reset(self, mask=None):
        self.state = None
""",
    "generate": """\
import torch


def generate(model, prompt, steps):
    sequence, logits = prompt, []
    for _ in range(steps):
        scores, _ = model(sequence, None)
        logits.append(scores[0])
        sequence = torch.cat([sequence, scores[0].argmax(-1)[None]])
    return sequence[len(prompt) :], torch.stack(logits)
""",
    "sequence_pipeline": """\
from torch import nn
from torch.nn.functional import cross_entropy


class SequenceTagger(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        outputs, self.state = self.rnn(x, state)
        return self.head(outputs * 2), self.state


class SequenceClassifier(SequenceTagger):
    def forward(self, x, state=None):
        logits, state = super().forward(x)
        return logits.mean(0), state

    def predict(self, x):
        return self(x)[0].softmax(0)


def train_epoch(model, optimizer, batches):
    for x, y in batches:
        loss = cross_entropy(model(x)[0].softmax(1), y)
        loss.backward()
        optimizer.step()
    return loss.item(), 0.5
""",
    "learned_initial_state": """\
import torch
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        self.h0 = nn.Parameter(torch.zeros(rnn.num_layers, 1, rnn.hidden_size))

    def forward(self, batch_size):
        return self.h0.expand(-1, batch_size, -1).detach()
""",
    "predict_shapes": """\
def predict_shapes(kind, input_shape, *, input_size, hidden_size, num_layers=1, bidirectional=False,
                   batch_first=False, proj_size=0, state_shape=None, kept={}):
    steps = [hidden_size for _ in range(input_shape[0])]
    h = (num_layers, input_shape[1], hidden_size)
    kept.update(output=(len(steps), *input_shape[1:-1], hidden_size), h=h, c=h if kind == "LSTM" else None)
    return kept
""",
}

# A fresh Python imports torch once, with all that it loads later, then runs each script in a fork of its own: what a
# script prints, its exit code, and whether anything of the grader was imported.
RUNNER = """\
import os, runpy, sys, traceback
import torch
torch.nn.LSTM(2, 3)(torch.ones(1, 1, 2))
torch.nn.LSTM(2, 3, device="meta")(torch.ones(1, 1, 2, device="meta"))  # loads much, and so does an optimizer
torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=0.1)
for path in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        out = os.open(path + ".out", os.O_WRONLY | os.O_CREAT)
        os.dup2(out, 1)
        os.dup2(out, 2)
        code = 0
        try:
            runpy.run_path(path, run_name="__main__")
        except BaseException:
            sys.stdout.flush()
            traceback.print_exc()
            code = 1
        if any(name.partition(".")[0] in ("grader", "hypothesis") for name in sys.modules):
            code = 99
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass(frozen=True)
class Ran:
    law: str
    counterexample: Counterexample
    code: int
    output: str


def run_scripts(folder: Path, texts: list[str]) -> list[tuple[int, str]]:
    """Exit code and output of each script, run in an isolated Python with ``folder`` as the current one."""
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"script_{number}"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    command = [sys.executable, "-I", "-c", RUNNER, *map(str, paths)]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return [
        (int(code), Path(f"{path}.out").read_text(encoding="utf-8"))
        for path, code in zip(paths, done.stdout.split(), strict=True)
    ]


def in_a_notebook(source: str) -> str:
    """The source as the cells of a notebook, among what notebooks hold besides."""
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# Mine"},
        {"cell_type": "code", "metadata": {}, "source": "%matplotlib inline\n!pip install torch\nfiles = !ls"},
        {"cell_type": "code", "metadata": {}, "source": "1 / 0"},
        {"cell_type": "code", "metadata": {}, "source": "%%bash\nls *.py"},
        {"cell_type": "code", "metadata": {}, "source": source.splitlines(keepends=True)},
        {"cell_type": "code", "metadata": {"tags": ["skip-grading"]}, "source": "raise SystemExit"},
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


@pytest.fixture(scope="module", params=[".py", ".ipynb"])
def ran(
    request: pytest.FixtureRequest,
    plain_grader: Grader,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[Ran]:
    """All counterexamples of one wrong submission an exercise, run as scripts."""
    folder = tmp_path_factory.mktemp("scripts")
    found = []
    for name, source in WRONG.items() if request.param == ".py" else list(WRONG.items())[:4]:
        path = folder / f"{name}{request.param}"
        path.write_text(source if request.param == ".py" else in_a_notebook(source), encoding="utf-8")
        (result,) = plain_grader.grade_submission(read_submission(path), [name]).exercises
        laws = [(law.name, law.counterexample) for law in result.properties if law.counterexample is not None]
        assert laws, f"{name} was not caught"
        found += laws
    outcomes = run_scripts(folder, [counterexample.script for _, counterexample in found])
    return [
        Ran(law, counterexample, code, output)
        for (law, counterexample), (code, output) in zip(found, outcomes, strict=True)
    ]


def test_scripts_run_without_the_grader(ran: list[Ran]) -> None:
    """A script ends well, or with an error that the submission raised; never for want of a name or a module."""
    for each in ran:
        assert each.code in (0, 1), each.output
        for error in ("NameError", "ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError"):
            assert error not in each.output, each.counterexample.script


def test_scripts_raise_what_the_report_says(ran: list[Ran]) -> None:
    """Where the report says that the code raised, the script ends with that error."""
    raising = [each for each in ran if each.counterexample.expected == "a result"]
    assert {"KeyError", "AttributeError"} <= {each.counterexample.got.partition(":")[0] for each in raising}
    for each in raising:
        assert each.code == 1
        assert each.output.splitlines()[-1].startswith(each.counterexample.got.partition(":")[0]), each.law


def test_scripts_print_what_came(ran: list[Ran]) -> None:
    """Where something came back, the script shows it."""
    returning = [each for each in ran if each.counterexample.expected != "a result"]
    assert returning
    for each in returning:
        assert each.output.strip(), each.counterexample.script


def test_the_shape_that_came_is_the_shape_in_the_report(ran: list[Ran]) -> None:
    """The state that the script prints has the shape that the report says it got."""
    (shown,) = [each for each in ran if each.law == "zeros of the right shape"]
    features, batch_size = ast.literal_eval(shown.counterexample.got)
    assert shown.counterexample.expected == str((1, batch_size, features))
    assert re.findall(r"\[(?:0\.,? ?)+\]", shown.output) == [f"[{', '.join(['0.'] * batch_size)}]"] * features


# The last step's state alone, or all gradients, in the form in which each exercise has them.
CUT = {
    "unroll": """
import torch
def unroll(cell, inputs, state=None):
    outputs = []
    for step in inputs:
        if state is not None:
            state = state.detach() if torch.is_tensor(state) else tuple(each.detach() for each in state)
        state = cell(step, state)
        outputs.append(state if torch.is_tensor(state) else state[0])
    return torch.stack(outputs), state
""",
    "run_batch": """
import torch
def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    outputs, states = [], []
    for number, each in enumerate(sequences):
        own = state
        if state is not None:
            pair = not torch.is_tensor(state)
            parts = [part[:, number : number + 1].detach() for part in (state if pair else [state])]
            own = tuple(parts) if pair else parts[0]
        each = each[None] if rnn.batch_first else each[:, None]
        output, new = rnn(each, own)
        outputs.append(output.squeeze(0 if rnn.batch_first else 1))
        states.append(new)
    if torch.is_tensor(states[0]):
        return outputs, torch.cat(states, 1)
    return outputs, tuple(torch.cat(part, 1) for part in zip(*states))
""",
}


@pytest.mark.parametrize("exercise", CUT)
def test_the_script_of_gradients_prints_gradients(plain_grader: Grader, tmp_path: Path, exercise: str) -> None:
    """What a law of gradients found is in what its script prints, computed by torch alone."""
    path = tmp_path / "hw.py"
    path.write_text(CUT[exercise], encoding="utf-8")
    (result,) = plain_grader.grade_submission(read_submission(path), [exercise]).exercises
    ((law, shown),) = [(each.name, each.counterexample) for each in result.properties if each.counterexample]
    assert "gradients" in law
    ((code, output),) = run_scripts(tmp_path, [shown.script])
    assert code == 0, output
    name = shown.where.partition(", ")[0]
    (line,) = [each for each in output.splitlines() if each.startswith(f"{name}:")]
    assert ("None" in line) if shown.got == "none" else (f"{float(shown.got):.4f}" in output)


def test_the_script_of_untouched_arguments_prints_them(plain_grader: Grader, tmp_path: Path) -> None:
    """They are shown as they are after the call."""
    path = tmp_path / "hw.py"
    right = CUT["unroll"].replace("if state is not None", "if False")
    path.write_text(right.replace("    outputs = []", "    outputs = []\n    inputs.data[0] = 7.0"), encoding="utf-8")
    (result,) = plain_grader.grade_submission(read_submission(path), ["unroll"]).exercises
    (shown,) = [each.counterexample for each in result.properties if each.name == "arguments untouched"]
    assert shown is not None
    ((code, output),) = run_scripts(tmp_path, [shown.script])
    assert code == 0, output
    assert "7." in output.partition("inputs, afterwards: tensor")[2]


def test_the_script_of_freshness_runs_what_came_before(plain_grader: Grader, tmp_path: Path) -> None:
    """That the second call raises is seen only after a first one."""
    path = tmp_path / "hw.py"
    once = "    if calls: raise KeyError('again')\n    calls.append(1)"
    right = (
        CUT["unroll"]
        .replace("if state is not None", "if False")
        .replace("    outputs = []", f"    outputs = []\n{once}")
    )
    path.write_text(f"calls = []\n{right}", encoding="utf-8")
    (result,) = plain_grader.grade_submission(read_submission(path), ["unroll"]).exercises
    (shown,) = [each.counterexample for each in result.properties if each.name == "the same every time"]
    assert shown is not None
    ((code, output),) = run_scripts(tmp_path, [shown.script])
    assert (code, output.splitlines()[-1]) == (1, "KeyError: 'again'")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("hw.py", WRONG["detach_state"]),
        ("week 3.py", WRONG["detach_state"]),
        ("1.py", WRONG["detach_state"]),
        ("hw.final.py", WRONG["detach_state"]),
        ("class.py", WRONG["detach_state"]),
        ("random.py", WRONG["detach_state"]),
        ("hw's.py", WRONG["detach_state"]),
        ("mark.py", "\ufeff" + WRONG["detach_state"]),
        ("hw.ipynb", in_a_notebook(WRONG["detach_state"])),
        ("mark.ipynb", "\ufeff" + in_a_notebook(WRONG["detach_state"])),
        ("hw's.ipynb", in_a_notebook(WRONG["detach_state"])),
        ("indented.ipynb", in_a_notebook("if True:\n    !ls\n" + WRONG["detach_state"])),
        ("remainder.ipynb", in_a_notebook("x = 7\ny = (x\n    % 4)\n" + WRONG["detach_state"])),
        ("assigned.ipynb", in_a_notebook("files = !ls\n" + WRONG["detach_state"])),
        ("question.ipynb", in_a_notebook("print?\n" + WRONG["detach_state"])),
        ("timed.ipynb", in_a_notebook("%%time\n" + WRONG["detach_state"])),
        (
            "version_3.ipynb",
            json.dumps(
                {
                    "nbformat": 3,
                    "nbformat_minor": 0,
                    "metadata": {},
                    "worksheets": [
                        {
                            "cells": [
                                {"cell_type": "code", "input": WRONG["detach_state"], "metadata": {}, "outputs": []}
                            ]
                        }
                    ],
                }
            ),
        ),
    ],
    ids=lambda value: value if len(value) < 20 else "",
)
def test_scripts_find_the_submission(tmp_path: Path, name: str, content: str) -> None:
    """Whatever a file is called, and whatever a notebook holds that can be graded, its script can take it up."""
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    (file,) = read_submission(path).files
    assert "detach_state" in file.defined
    text = scripts.render(
        str(path),
        entry_points=["detach_state"],
        runs={"as it is": "print(detach_state(torch.ones(2, requires_grad=True)))"},
        message="Nothing.",
        expected="",
        got="",
        where="",
    )
    ((code, output),) = run_scripts(tmp_path, [text])
    assert (code, output.splitlines()[-1:]) == (0, ["tensor([1., 1.])"]), output


@pytest.mark.parametrize(
    ("folder", "importing"),
    [
        ("src", "from tools import same"),
        ("src", "from src.tools import same"),
        ("src", "from .tools import same"),
        ("code", "from tools import same"),  # Python has a module of that name
    ],
)
def test_scripts_find_a_submission_in_folders(tmp_path: Path, folder: str, importing: str) -> None:
    """What it imports is found as where it is graded."""
    path = tmp_path / folder / "hw.py"
    path.parent.mkdir()
    path.write_text(f"{importing}\ndef detach_state(state): return same(state.detach())\n", encoding="utf-8")
    (path.parent / "tools.py").write_text("def same(value): return value\n", encoding="utf-8")
    text = scripts.render(
        str(path),
        depth=1,
        entry_points=["detach_state"],
        runs={"as it is": "print(detach_state(torch.ones(2, requires_grad=True)))"},
        message="Nothing.",
        expected="",
        got="",
        where="",
    )
    ((code, output),) = run_scripts(tmp_path, [text])
    assert (code, output.splitlines()[-1:]) == (0, ["tensor([1., 1.])"]), output


def test_whole_script() -> None:
    """A script reads exactly like this: imports, numbers, the submission, each run, and what is wrong."""
    lstm = RnnSpec(kind="LSTM", input_size=2, hidden_size=3, num_layers=2, batch_first=True, seed=5)
    body = [
        *scripts.rnn(lstm, "float32"),
        *scripts.sequences(Sequences(seeds=(1, 2), poisoned=(1,), lengths=(4, 1), features=2), "float64"),
        *scripts.state(State(seeds=(7, 8), container="list"), lstm, "float32"),
        "print(run_batch(rnn, sequences, state))",
    ]
    text = scripts.render(
        "folder/hw.py",
        entry_points=["run_batch"],
        runs={"as it is": "\n".join(body), "once more": "print(1)"},
        message="It is wrong.",
        expected="1",
        got="2",
        where="",
    )
    assert text == (
        """\
import torch
from torch import nn


def numbers(seed, *shape, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)

"""
        + scripts._import("folder/hw.py", 0, ["run_batch"])
        + """

def run_1():  # as it is
    torch.manual_seed(5)
    rnn = nn.LSTM(2, 3, num_layers=2, batch_first=True, dtype=torch.float32)
    sequences = [
        numbers(1, 4, 2),
        numbers(2, 1, 2) * float("nan"),
    ]
    state = [
        torch.stack([numbers(7, 4, 3, dtype=torch.float32), numbers(8, 4, 3, dtype=torch.float32)], dim=1),
        torch.stack([numbers(1000007, 2, 3, dtype=torch.float32), numbers(1000008, 2, 3, dtype=torch.float32)], dim=1),
    ]
    print(run_batch(rnn, sequences, state))


def run_2():  # once more
    print(1)


run_1()
run_2()

# What is wrong: It is wrong.
# Expected: 1
# Got: 2
"""
    ).replace("4, 3, dtype", "2, 3, dtype")


def test_ids() -> None:
    """Ids are spelled one sequence after the other, each with its seed; out of range where a sequence is poisoned."""
    assert scripts.ids(State(seeds=(7, 8), poisoned=(1,)), (3,), 5) == (
        "torch.stack([torch.randint(5, (3,), generator=torch.Generator().manual_seed(7)), torch.full((3,), 5)], dim=-1)"
    )
    labels = scripts.ids(State(seeds=(7,)), (), 5, number=1)
    assert labels == "torch.stack([torch.randint(5, (), generator=torch.Generator().manual_seed(1000007))], dim=-1)"


@pytest.mark.parametrize("text", ["two\nlines", "a\rreturn", "a" * 500, "form\ffeed", "'''", "\\", "é"])
def test_what_is_said_stays_a_comment(text: str) -> None:
    """Whatever the texts of a finding hold, the script is Python, and they are comments in it."""
    script = scripts.render(
        "hw.py", entry_points=["f"], runs={"as it is": "f()"}, message=text, expected=text, got=text, where=text
    )
    compile(script, "script", "exec")
    tail = script.partition("\nrun_1()\n")[2]
    assert all(line.startswith("#") for line in tail.splitlines() if line.strip())
