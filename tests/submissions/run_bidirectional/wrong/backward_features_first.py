# wrong: the backward half comes first in the features
# misconception: halves_swapped
import torch
from torch import nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)
    T = inputs.size(0)
    fw = bw = None
    if state is not None:
        fw, bw = [(state[0][d], state[1][d]) if lstm else state[d] for d in (0, 1)]
    f, b = [None] * T, [None] * T
    for t in range(T):
        fw = forward_cell(inputs[t], fw)
        f[t] = fw[0] if lstm else fw
    for t in range(T)[::-1]:
        bw = backward_cell(inputs[t], bw)
        b[t] = bw[0] if lstm else bw
    outputs = torch.stack([torch.cat([b[t], f[t]], dim=-1) for t in range(T)])
    if lstm:
        return outputs, (torch.stack([fw[0], bw[0]]), torch.stack([fw[1], bw[1]]))
    return outputs, torch.stack([fw, bw])
