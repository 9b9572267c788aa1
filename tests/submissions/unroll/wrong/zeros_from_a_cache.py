# wrong: the zero state is made once for each size and kept for good
# misconception: none
from functools import cache

import torch
from torch import nn


@cache
def start(batch, hidden, dtype, device):
    return torch.zeros(batch, hidden, dtype=dtype, device=device)


def unroll(cell, inputs, state=None):
    if state is None:
        zeros = start(inputs.shape[1], cell.hidden_size, inputs.dtype, inputs.device)
        state = (zeros, zeros) if isinstance(cell, nn.LSTMCell) else zeros
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs), state
