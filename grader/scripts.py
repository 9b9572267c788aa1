"""Spells cases out as Python that needs only torch and the submission.

An exercise's ``script`` makes the lines of one run with the functions here; ``render`` puts the runs of a
counterexample together with what came and what should have come.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from grader.cases import NUMBER_STEP, Batched, RnnSpec, Sequences, State

_HEADER = """\
import torch
from torch import nn


def numbers(seed, *shape, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)

"""
_NOTEBOOK = """\
import json

namespace = {{"__name__": "submission"}}
for cell in json.load(open({path!r}, encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code" and "skip-grading" not in cell["metadata"].get("tags", []):
        lines = "".join(cell["source"]).splitlines()
        try:
            exec("\\n".join("pass" if line.lstrip()[:1] in ("%", "!") else line for line in lines), namespace)
        except Exception as error:
            print("a cell raised", repr(error))
"""


def rnn(spec: RnnSpec, dtype: str) -> list[str]:
    """Lines that make the module of a spec as ``rnn``."""
    return [f"torch.manual_seed({spec.seed})", f"rnn = {spec.spelled(dtype)}"]


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


def sequences(part: Sequences, dtype: str) -> list[str]:
    """Lines that make the list ``sequences``."""
    each = [one_sequence(part, i, (length, part.features), dtype) for i, length in enumerate(part.lengths)]
    silenced = [f"sequences[{i}][-1] = 0" for i in part.silent]
    return ["sequences = [", *(f"    {text}," for text in each), "]", *silenced]


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


def render(
    submission: str,
    *,
    entry_points: Sequence[str],
    runs: Mapping[str, str],
    message: str,
    expected: str,
    got: str,
    where: str,
) -> str:
    """A whole script.

    Args:
        submission: path of the submission.
        entry_points: names to take from it.
        runs: the lines of each run, by what distinguishes it.
        message, expected, got, where: of the finding.
    """
    parts = [_HEADER, _import(submission, entry_points)]
    for number, (label, body) in enumerate(runs.items(), start=1):
        parts.append(f"\n\ndef run_{number}():  # {label}\n{textwrap.indent(body, '    ')}\n")
    parts.append("\n")
    parts.extend(f"\nrun_{number}()" for number in range(1, len(runs) + 1))
    parts.append("\n\n")
    for name, text in (("What is wrong", message), ("Where", where), ("Expected", expected), ("Got", got)):
        if text:
            parts.append(textwrap.fill(f"{name}: {text}", 100, initial_indent="# ", subsequent_indent="#   ") + "\n")
    return "".join(parts)


def _import(submission: str, entry_points: Sequence[str]) -> str:
    path = PurePath(submission)
    if path.suffix == ".ipynb":
        names = ", ".join(entry_points)
        taken = ", ".join(f"namespace[{name!r}]" for name in entry_points)
        return _NOTEBOOK.format(path=str(path)) + f"{names} = {taken}"
    folder, stem = (str(path.parent), path.stem)
    place = f"import sys\n\nsys.path.insert(0, {folder!r})\n"
    if stem.isidentifier():
        return f"{place}from {stem} import {', '.join(entry_points)}"
    lines = [f"module = importlib.import_module({stem!r})", *(f"{name} = module.{name}" for name in entry_points)]
    return f"import importlib\n{place}" + "\n".join(lines)
