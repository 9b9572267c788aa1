# wrong: the returned state has backward at index 0 and forward at index 1
# misconception: halves_swapped
import torch
from torch import nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    T = inputs.size(0)
    lstm = isinstance(forward_cell, nn.LSTMCell)
    f = b = None
    if state is not None:
        f, b = zip(*state) if lstm else state
    ys, zs = [None] * T, [None] * T
    for t in range(T):
        f = forward_cell(inputs[t], f)
        b = backward_cell(inputs[-1 - t], b)
        ys[t], zs[-1 - t] = (f[0], b[0]) if lstm else (f, b)
    outputs = torch.cat([torch.stack(ys), torch.stack(zs)], dim=-1)
    if lstm:
        return outputs, (torch.stack([b[0], f[0]]), torch.stack([b[1], f[1]]))
    return outputs, torch.stack([b, f])
