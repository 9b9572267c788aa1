# wrong: a frozen cell is run without a graph, and the inputs get no gradient
# misconception: none
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    lstm = isinstance(cell, nn.LSTMCell)
    s, ys = (tuple(state) if isinstance(state, list) else state), []
    learns = any(p.requires_grad for p in cell.parameters())
    with torch.set_grad_enabled(learns and torch.is_grad_enabled()):
        for x in inputs:
            s = cell(x, s)
            ys.append(s[0] if lstm else s)
        return torch.stack(ys), s
