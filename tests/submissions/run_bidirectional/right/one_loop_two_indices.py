# right: one loop with the indices t and T - 1 - t, the backward outputs in a list of fixed length
import torch
from torch import nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    T = inputs.size(0)
    pair = isinstance(forward_cell, nn.LSTMCell)
    if state is None:
        fw, bw = None, None
    elif pair:
        fw, bw = zip(*state)
    else:
        fw, bw = state
    front, back = [None] * T, [None] * T
    for t in range(T):
        u = T - 1 - t
        fw = forward_cell(inputs[t], fw)
        bw = backward_cell(inputs[u], bw)
        front[t] = fw[0] if pair else fw
        back[u] = bw[0] if pair else bw
    outputs = torch.stack([torch.cat(both, dim=1) for both in zip(front, back)])
    if pair:
        return outputs, [torch.stack([fw[0], bw[0]]), torch.stack([fw[1], bw[1]])]
    return outputs, torch.stack([fw, bw])
