"""torch.nn itself is the oracle for the exercises with cells: with the same weights, the references give the same."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from grader import strategies as gs
from grader.cases import Case, RnnSpec, State, Windows
from grader.execution.materials import build_batch, build_cells, build_rnn, build_state, gradients, tensors_in

ROOT = Path(__file__).resolve().parents[2]
CASE = Case(parts={})


def reference(name: str) -> Any:
    return runpy.run_path(str(ROOT / "solutions" / name / "solution.py"))[name]


def module_of(spec: RnnSpec, cells: list[nn.RNNCellBase]) -> nn.RNNBase:
    """The module of a spec, with the weights of the cells as its own."""
    module = build_rnn(spec, CASE)
    for number, cell in enumerate(cells):
        layer, direction = divmod(number, spec.directions)
        for name, parameter in cell.named_parameters():
            setattr(module, f"{name}_l{layer}{'_reverse' * direction}", parameter)
    return module


def run(name: str, spec: RnnSpec, cells: list[nn.RNNCellBase], inputs: torch.Tensor, state: Any) -> tuple[Any, Any]:
    """The reference's result, with the state in the form of a module's."""
    if name == "run_stack":
        return reference(name)(cells, inputs, state)
    if name == "run_bidirectional":
        return reference(name)(*cells, inputs, state)
    if state is not None:
        state = tuple(part[0] for part in state) if spec.kind == "LSTM" else state[0]
    outputs, final = reference(name)(*cells, inputs, state)
    return outputs, [part.unsqueeze(0) for part in tensors_in(final)]


@pytest.mark.parametrize(
    ("name", "layers", "both_ways"), [("unroll", 1, False), ("run_stack", 3, False), ("run_bidirectional", 1, True)]
)
def test_the_reference_is_what_torch_gives(name: str, layers: int, both_ways: bool) -> None:
    """Outputs, final state and gradients equal those of nn.RNN, nn.GRU and nn.LSTM with the same weights."""
    specs = gs.rnn_specs(max_layers=layers, bidirectional=both_ways, projections=False, variations=True)

    @settings(database=None, deadline=None, max_examples=25)
    @given(specs, st.integers(1, 4), st.integers(1, 5), st.sampled_from([None, "tuple", "list"]))
    def check(spec: RnnSpec, batch_size: int, steps: int, container: Any) -> None:
        seeds = tuple(range(batch_size))
        part = Windows(seeds=seeds, lengths=(steps,), features=spec.input_size, targets=1)
        given_state = State(seeds=tuple(seed + 50 for seed in seeds), container=container) if container else None
        inputs = build_batch(part, steps, spec.input_size, case=CASE).requires_grad_()
        state = build_state(given_state, spec, CASE)
        for tensor in tensors_in(state):
            tensor.requires_grad_()
        cells = build_cells(spec, CASE)
        to = [inputs, state, *[parameter for cell in cells for parameter in cell.parameters()]]
        ours = run(name, spec, cells, inputs, state)
        theirs = module_of(spec, cells)(inputs, tuple(state) if isinstance(state, list) else state)
        torch.testing.assert_close(tensors_in(ours), tensors_in(theirs))
        torch.testing.assert_close(gradients(ours, to=to), gradients(theirs, to=to))

    check()
