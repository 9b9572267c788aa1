# wrong: a given state of zeros is replaced by new zeros, which get its gradient
# misconception: initial_state_detached
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    lstm = isinstance(cell, nn.LSTMCell)
    parts = [] if state is None else list(state) if lstm else [state]
    if not any(part.any() for part in parts):
        zeros = inputs.new_zeros(inputs.shape[1], cell.hidden_size)
        state = (zeros, zeros) if lstm else zeros
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs), state
