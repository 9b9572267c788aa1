# wrong: the state is detached before it goes to the next step
# misconception: detached_each_step
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    outputs = []
    last = None
    for x in inputs:
        last = cell(x, state)
        if isinstance(cell, nn.LSTMCell):
            outputs.append(last[0])
            state = (last[0].detach(), last[1].detach())
        else:
            outputs.append(last)
            state = last.detach()
    return torch.stack(outputs), last
