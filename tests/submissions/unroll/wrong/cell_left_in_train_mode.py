# wrong: cell.train() at the start, because "gradients are needed", and never put back.
# (2) Breaks: "The arguments stay as they were: the inputs, the cell, ..."; "No function changes its arguments in place".
# (3) Shows with: a cell in eval mode: cell.training is True after the call. A cell in train mode is as it was.
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    cell.train()
    outputs = []
    if isinstance(state, list):
        state = tuple(state)
    for x in inputs:
        state = cell(x, state)
        if isinstance(cell, nn.LSTMCell):
            outputs.append(state[0])
        else:
            outputs.append(state)
    return torch.stack(outputs), state
