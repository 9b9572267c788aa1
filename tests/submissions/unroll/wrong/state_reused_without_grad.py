# wrong: without gradients the caller's state is overwritten
# misconception: none
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    lstm = isinstance(cell, nn.LSTMCell)
    s, ys = (tuple(state) if isinstance(state, list) else state), []
    for x in inputs:
        new = cell(x, s)
        ys.append((new[0] if lstm else new))
        if s is not None and not torch.is_grad_enabled():
            if lstm:
                s[0].copy_(new[0]); s[1].copy_(new[1])
            else:
                s.copy_(new)
        else:
            s = new
    return torch.stack(ys), s
