# wrong: sigmoid written with exp: NaN gradients where it overflows
# misconception: none
import torch
import torch.nn.functional as F
from torch import nn


def sigmoid(x):
    return 1 / (1 + torch.exp(-x))


def step(cell, x, h, c):
    a = F.linear(x, cell.weight_ih, cell.bias_ih)
    b = F.linear(h, cell.weight_hh, cell.bias_hh)
    if isinstance(cell, nn.LSTMCell):
        i, f, g, o = (a + b).chunk(4, dim=1)
        c = sigmoid(f) * c + sigmoid(i) * torch.tanh(g)
        return sigmoid(o) * torch.tanh(c), c
    if isinstance(cell, nn.GRUCell):
        ar, az, an = a.chunk(3, dim=1)
        br, bz, bn = b.chunk(3, dim=1)
        z = sigmoid(az + bz)
        n = torch.tanh(an + sigmoid(ar + br) * bn)
        return (1 - z) * n + z * h, None
    return (torch.tanh(a + b) if cell.nonlinearity == "tanh" else torch.relu(a + b)), None


def unroll(cell, inputs, state=None):
    lstm = isinstance(cell, nn.LSTMCell)
    if state is None:
        h = cell.weight_hh.new_zeros(inputs.size(1), cell.hidden_size)
        c = torch.zeros_like(h)
    else:
        h, c = state if lstm else (state, None)
    outputs = []
    for x in inputs:
        h, c = step(cell, x, h, c)
        outputs.append(h)
    return torch.stack(outputs), (h, c) if lstm else h
