# wrong: of the given pair, c is a new tensor of the same numbers
# misconception: initial_state_detached
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    if state is not None and isinstance(cell, nn.LSTMCell):
        h, c = state
        state = (h, c.detach().clone())
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs), state
