"""Reference for run_stack: one layer after the other, each unrolled over what the layer below gives."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

State = Tensor | tuple[Tensor, Tensor]


def unroll(cell: nn.RNNCellBase, inputs: Tensor, state: State | None) -> tuple[Tensor, State]:
    """Feed inputs (T, B, I) to one cell; return its hidden states (T, B, H) and its last state."""
    hidden_states = []
    for step in inputs:
        state = cell(step, state)
        hidden_state = state[0] if isinstance(cell, nn.LSTMCell) else state
        hidden_states.append(hidden_state)
    return torch.stack(hidden_states), state


def state_of_layer(state: State | None, layer: int) -> State | None:
    """Take row `layer` of a state (L, B, H), or of both tensors of a pair."""
    if state is None or isinstance(state, Tensor):
        return None if state is None else state[layer]
    hidden, cell = state
    return hidden[layer], cell[layer]


def join_layers(states: list[State]) -> State:
    """Stack the states of all layers, each (B, H) or a pair of such, to (L, B, H)."""
    if isinstance(states[0], Tensor):
        return torch.stack(states)
    return torch.stack([hidden for hidden, _ in states]), torch.stack([cell for _, cell in states])


def run_stack(cells: Sequence[nn.RNNCellBase], inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
    """Run a stack of cells over inputs (T, B, I).

    Args:
        cells: L cells of one kind; the first reads I features, each other H.
        inputs: (T, B, I), T at least 1.
        state: (L, B, H), for LSTM cells a pair (h, c) of such tensors; None means zeros.

    Returns:
        The last layer's outputs (T, B, H), and the final state, of the same form as `state`.
    """
    finals = []
    sequence = inputs
    for layer, cell in enumerate(cells):
        # The layer above reads this layer's outputs, and has a state of its own.
        sequence, final = unroll(cell, sequence, state_of_layer(state, layer))
        finals.append(final)
    return sequence, join_layers(finals)
