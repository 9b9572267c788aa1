# right: the cell is compiled by torch.jit.script, which leaves a note in it
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    step = torch.jit.script(cell)
    if isinstance(state, list):
        state = tuple(state)
    outputs = []
    for x in inputs:
        state = step(x, state)
        outputs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)
    return torch.stack(outputs), state
