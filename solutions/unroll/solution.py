"""Reference for unroll: each step starts from the state in which the one before ended."""

import torch
from torch import Tensor, nn

State = Tensor | tuple[Tensor, Tensor]


def unroll(
    cell: nn.RNNCell | nn.GRUCell | nn.LSTMCell,
    inputs: Tensor,
    state: State | None = None,
) -> tuple[Tensor, State]:
    """Feed a batch of sequences to a cell, one step at a time.

    Args:
        cell: reads I features, has H.
        inputs: (T, B, I), T at least 1.
        state: (B, H), for an LSTM cell a pair (h, c) of such tensors; None means zeros.

    Returns:
        The hidden states after every step, (T, B, H), and the whole state after the last.
    """
    hidden_states = []
    for step in inputs:
        state = cell(step, state)  # a cell takes None for zeros, as a module does
        hidden_state = state[0] if isinstance(cell, nn.LSTMCell) else state
        hidden_states.append(hidden_state)
    return torch.stack(hidden_states), state
