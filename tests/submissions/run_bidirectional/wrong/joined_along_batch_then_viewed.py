# wrong: joined along the batch axis and forced into (T, B, 2H) with reshape, so that sequences mix
# misconception: joined_along_wrong_axis
import torch
from torch import nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    T, B, _ = inputs.shape
    lstm = isinstance(forward_cell, nn.LSTMCell)
    ends, outs = [], []
    for d, cell in enumerate((forward_cell, backward_cell)):
        s = None
        if state is not None:
            s = (state[0][d], state[1][d]) if lstm else state[d]
        ys = [None] * T
        for t in (range(T) if d == 0 else range(T - 1, -1, -1)):
            s = cell(inputs[t], s)
            ys[t] = s[0] if lstm else s
        outs.append(torch.stack(ys))
        ends.append(s)
    outputs = torch.cat(outs, dim=1).reshape(T, B, -1)
    if lstm:
        return outputs, (torch.stack([ends[0][0], ends[1][0]]), torch.stack([ends[0][1], ends[1][1]]))
    return outputs, torch.stack(ends)
