# wrong: starts from zeros even when a state is given
# misconception: initial_state_ignored
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    h = torch.zeros(inputs.size(1), cell.hidden_size, dtype=inputs.dtype, device=inputs.device)
    c = torch.zeros_like(h)
    outputs = []
    for x in inputs:
        if isinstance(cell, nn.LSTMCell):
            h, c = cell(x, (h, c))
        else:
            h = cell(x, h)
        outputs.append(h)
    return torch.stack(outputs), (h, c) if isinstance(cell, nn.LSTMCell) else h
