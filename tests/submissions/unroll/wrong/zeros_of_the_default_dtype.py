# wrong: the state of zeros is float32 and on the CPU, whatever the cell is
# misconception: default_dtype
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    T, B, _ = inputs.shape
    if state is None:
        h = torch.zeros(B, cell.hidden_size)
        if isinstance(cell, nn.LSTMCell):
            state = (h, torch.zeros(B, cell.hidden_size))
        else:
            state = h
    outs = []
    for t in range(T):
        state = cell(inputs[t], state)
        outs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outs), state
