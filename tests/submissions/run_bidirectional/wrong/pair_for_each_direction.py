# wrong: LSTM state given back as ((h, c) of forward, (h, c) of backward), stacked the wrong way round
# misconception: joined_along_wrong_axis
import torch
import torch.nn as nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)
    ends, halves = [], []
    for d, cell in enumerate([forward_cell, backward_cell]):
        s = None
        if state is not None:
            s = (state[0][d], state[1][d]) if lstm else state[d]
        ys = []
        for x in inputs.flip(0) if d else inputs:
            s = cell(x, s)
            ys.append(s[0] if lstm else s)
        halves.append(torch.stack(ys).flip(0) if d else torch.stack(ys))
        ends.append(torch.stack(s) if lstm else s)
    outputs = torch.cat(halves, dim=2)
    return outputs, (ends[0], ends[1]) if lstm else torch.stack(ends)
