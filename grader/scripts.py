"""Spells cases out as Python that needs only torch and the submission.

An exercise's ``script`` makes the lines of one run with the functions here; ``render`` puts the runs of a
counterexample together with what came and what should have come.
"""

from __future__ import annotations

import keyword
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from grader.cases import (
    FACTORS,
    FROZEN,
    NUMBER_STEP,
    SQUARE,
    WITHOUT_GRADIENT,
    Batched,
    Case,
    RnnSpec,
    Sequences,
    State,
)
from grader.intake.sources import PYTHON_MAGICS, is_notebook
from grader.plaintext import plain_text

_HEADER = """\
import torch
from torch import nn


def numbers(seed, *shape, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)

"""
_NOTEBOOK = """\
import json


def python(source):  # a cell without what only IPython understands
    lines = source.split("\\n")
    first = source.lstrip().partition("\\n")[0]
    if first.startswith("%%"):
        if not first.startswith({magics!r}):
            return ""
        lines[lines.index(first)] = "pass"
    for _ in lines:
        try:
            compile("\\n".join(lines), "cell", "exec")
            break
        except SyntaxError as error:
            line = lines[error.lineno - 1]
            lines[error.lineno - 1] = line[: len(line) - len(line.lstrip())] + "pass"
    return "\\n".join(lines)


notebook = json.load(open({path!r}, encoding="utf-8-sig"))
namespace = {{"__name__": "submission"}}
for cell in notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]:
    if cell["cell_type"] == "code" and "skip-grading" not in cell.get("metadata", {{}}).get("tags", []):
        source = cell["source"] if "source" in cell else cell["input"]
        try:
            exec(python("".join(source)), namespace)
        except Exception as error:
            print("a cell raised", repr(error))
"""
_MOST_TOLD = 2_000  # characters of what was found


def listed(name: str, items: Sequence[str]) -> list[str]:
    """Lines that make a list of that name, an item a line."""
    return [f"{name} = [", *(f"    {item}," for item in items), "]"] if items else [f"{name} = []"]


def changed_inputs(special: str | None) -> list[str]:
    """The line that changes inputs as ``build_inputs`` does, where they are special in that way."""
    if special == SQUARE:
        return ["inputs = inputs.transpose(0, 1).contiguous().transpose(0, 1)  # as it comes from batch-first data"]
    return [f"inputs[-1] *= {FACTORS[special]}"] if special in FACTORS else []


def frozen(special: str | None, name: str) -> tuple[list[str], list[str]]:
    """Lines that freeze the cells, or the module, of that name, and that print whether they are, where they are."""
    if special != FROZEN:
        return [], []
    parts = name if name == "cells" else f"[{name}]"
    freeze = [f"for each in {parts}:", "    each.requires_grad_(False)"]
    told = f"[each.requires_grad for part in {parts} for each in part.parameters()]"
    return freeze, [f'print("gradients required:", {told})']


def rnn(spec: RnnSpec, dtype: str) -> list[str]:
    """Lines that make the module of a spec as ``rnn``."""
    return [f"torch.manual_seed({spec.seed})", f"rnn = {spec.spelled(dtype)}"]


def cells(spec: RnnSpec, dtype: str) -> list[str]:
    """Lines that make the cells that a module of the spec would be made of, as the list ``cells``."""
    options = ["bias=False"] if not spec.bias else []
    if spec.kind == "RNN" and spec.nonlinearity != "tanh":
        options.append(f"nonlinearity={spec.nonlinearity!r}")
    rest = ", ".join([str(spec.hidden_size), *options, f"dtype=torch.{dtype}"])
    made = [f"nn.{spec.kind}Cell({size}, {rest}){spec.mode}" for size in spec.cell_input_sizes]
    return [f"torch.manual_seed({spec.seed})", *listed("cells", made)]


def one_sequence(part: Batched, sequence: int, shape: Sequence[int], dtype: str, number: int = 0) -> str:
    """An expression for the numbers of one sequence."""
    seed = part.seeds[sequence] + NUMBER_STEP * number
    precision = "" if dtype == "float64" else f", dtype=torch.{dtype}"
    text = f"numbers({seed}, {', '.join(map(str, shape))}{precision})"
    return f'{text} * float("nan")' if sequence in part.poisoned else text


def batch(part: Batched, shape: Sequence[int], dtype: str, number: int = 0) -> str:
    """An expression for one tensor a sequence, stacked along axis 1."""
    each = ", ".join(one_sequence(part, i, shape, dtype, number) for i in range(part.batch_size))
    return f"torch.stack([{each}], dim=1)"


def ids(part: Batched, shape: Sequence[int], below: int, number: int = 0) -> str:
    """An expression for ids below a number, one seed a sequence, stacked along the last axis."""
    size = f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
    each = []
    for index, seed in enumerate(part.seeds):
        generator = f"generator=torch.Generator().manual_seed({seed + NUMBER_STEP * number})"
        drawn = f"torch.randint({below}, {size}, {generator})"
        each.append(f"torch.full({size}, {below})" if index in part.poisoned else drawn)
    return f"torch.stack([{', '.join(each)}], dim=-1)"


def sequences(part: Sequences, dtype: str) -> list[str]:
    """Lines that make the list ``sequences``."""
    each = [one_sequence(part, i, (length, part.features), dtype) for i, length in enumerate(part.lengths)]
    silenced = [f"sequences[{i}][-1] = 0" for i in part.silent]
    return [*listed("sequences", each), *silenced]


def state(part: State | None, spec: RnnSpec, dtype: str) -> list[str]:
    """Lines that make the initial state as ``state``."""
    if part is None:
        return ["state = None"]
    layers = spec.num_layers * spec.directions
    hidden = batch(part, (layers, spec.state_features), dtype)
    if spec.kind != "LSTM":
        return [f"state = {hidden}"]
    cell = batch(part, (layers, spec.hidden_size), dtype, number=1)
    opening, closing = ("(", ")") if part.container == "tuple" else ("[", "]")
    return [f"state = {opening}", f"    {hidden},", f"    {cell},", closing]


def on_device(device: str, *names: str, state: State | None, spec: RnnSpec) -> list[str]:
    """Lines that move the tensors and modules of these names, and the initial state; none for the CPU."""
    if device == "cpu":
        return []
    moved = [f'{name} = {name}.to("{device}")' for name in names]
    if state is not None:
        each = f'{state.container}(each.to("{device}") for each in state)'
        moved.append(f"state = {each}" if spec.kind == "LSTM" else f'state = state.to("{device}")')
    return moved


def needing_gradients(case: Case, inputs: str = "") -> list[str]:
    """Lines that make gradients reach the inputs of that name and the initial state, where a case says so."""
    lines = [f"{inputs}.requires_grad_()"] if inputs and case.parts.get("special") != WITHOUT_GRADIENT else []
    if _state_needs_gradients(case):
        pair = case["rnn"].kind == "LSTM"
        lines += ["for each in state:", "    each.requires_grad_()"] if pair else ["state.requires_grad_()"]
    return lines


def _state_needs_gradients(case: Case) -> bool:
    return case["state"] is not None and case.parts.get("state needs gradients", True)


def called_before(case: Case, call: str, *, parameters: str) -> list[str]:
    """Lines that make a call with other weights first, where a case is run again after others."""
    if "again" not in case.options:
        return []
    return [
        f"for each in {parameters}:  # as if they were still to be trained",
        "    each.data *= 2",
        call,
        f"for each in {parameters}:",
        "    each.data /= 2",
    ]


def afterwards(*names: str) -> str:
    """Lines that print arguments as they are after a call."""
    return "\n".join(f'print("{name}, afterwards:", {name})' for name in names)


def gradients(
    case: Case,
    *,
    inputs: str,
    weights: str,
    results: tuple[str, str] = ("outputs", "final_state"),
    of_state_alone: bool = True,
) -> str:
    """Lines that print the gradients of a run of a case from inputs and ``state`` to its results.

    Each number that is gone back from has a weight of its own, as in grading.

    Args:
        case: with the network as "rnn", and the initial state as "state".
        inputs, weights, results: expressions for a tensor or tensors; of the results, the last one is the state.
        of_state_alone: whether to go back from the final state alone, too.
    """
    to = {"inputs": inputs} | ({"initial state": "state"} if _state_needs_gradients(case) else {})
    lines = [
        "",
        "def tensors(value):",
        "    return [value] if torch.is_tensor(value) else [tensor for each in value for tensor in tensors(each)]",
        "",
        "def back(name, results, to):  # each number of the results has a weight of its own",
        "    results = enumerate(tensors(results))",
        "    total = sum((each * numbers(1 + i, *each.shape).to(each)).sum() for i, each in results)",
        "    if total.requires_grad:",
        "        print(name, torch.autograd.grad(total, tensors(to), allow_unused=True, retain_graph=True))",
        "    else:",
        '        print(name, "none, because no graph leads to the results")',
        "",
    ]
    of_weights = {} if case.parts.get("special") == FROZEN else {"weights": weights}
    for name, tensors in {**to, **of_weights}.items():
        lines.append(f'back("gradients of the {name}:", [{", ".join(results)}], {tensors})')
    for name, tensors in to.items() if of_state_alone else ():
        lines.append(f'back("from the final state to the {name}:", {results[-1]}, {tensors})')
    return "\n".join(lines)


def render(
    submission: str,
    *,
    depth: int = 0,
    entry_points: Sequence[str],
    runs: Mapping[str, str],
    message: str,
    expected: str,
    got: str,
    where: str,
) -> str:
    """A whole script.

    Args:
        submission: path of the file.
        depth: in how many folders of the submission it lies.
        entry_points: names to take from it.
        runs: the lines of each run, by what distinguishes it.
        message, expected, got, where: of the finding.
    """
    parts = [_HEADER, _import(submission, depth, entry_points)]
    for number, (label, body) in enumerate(runs.items(), start=1):
        parts.append(f"\n\ndef run_{number}():  # {label}\n{textwrap.indent(body, '    ')}\n")
    parts.append("\n")
    parts.extend(f"\nrun_{number}()" for number in range(1, len(runs) + 1))
    parts.append("\n\n")
    for name, text in (("What is wrong", message), ("Where", where), ("Expected", expected), ("Got", got)):
        if text:
            told = plain_text(f"{name}: {text}", _MOST_TOLD)
            parts.append(textwrap.fill(told, 100, initial_indent="# ", subsequent_indent="#   ") + "\n")
    return "".join(parts)


def _import(submission: str, depth: int, entry_points: Sequence[str]) -> str:
    path = PurePath(submission)
    if is_notebook(path.name):
        names = ", ".join(entry_points)
        taken = ", ".join(f"namespace[{name!r}]" for name in entry_points)
        return _NOTEBOOK.format(path=str(path), magics=PYTHON_MAGICS) + f"{names} = {taken}"
    # as where it is graded, the folder of the file and the whole submission are on Python's path
    folders = [str(path.parent), *([str(path.parents[depth])] if depth else [])]
    parts = path.with_suffix("").parts[-depth - 1 :]
    if all(map(_is_plain, parts)) and path.suffix == ".py":
        added = f"sys.path[:0] = {folders!r}" if depth else f"sys.path.insert(0, {folders[0]!r})"
        return f"import sys\n\n{added}\nfrom {'.'.join(parts)} import {', '.join(entry_points)}"
    lines = [
        f"submission = runpy.run_path({str(path)!r})",
        *(f"{name} = submission[{name!r}]" for name in entry_points),
    ]
    return f"import runpy\nimport sys\n\nsys.path += {folders!r}\n" + "\n".join(lines)


def _is_plain(name: str) -> bool:
    """Whether Python would import a file or folder of that name, and nothing else, by it."""
    # Python takes some letters for others in a name, so that what it imports would be another file
    plain = name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
    return plain and name not in sys.stdlib_module_names and name not in ("torch", "numpy")
