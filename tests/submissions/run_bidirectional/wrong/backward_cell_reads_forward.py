# wrong: the backward cell also reads the sequence from the first step to the last
# misconception: backward_reads_forward
import torch
from torch import nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)
    f = b = None
    if state is not None:
        f, b = zip(*state) if lstm else state
    outputs = []
    for x in inputs:
        f = forward_cell(x, f)
        b = backward_cell(x, b)
        outputs.append(torch.cat((f[0], b[0]) if lstm else (f, b), dim=-1))
    if lstm:
        return torch.stack(outputs), (torch.stack([f[0], b[0]]), torch.stack([f[1], b[1]]))
    return torch.stack(outputs), torch.stack([f, b])
