# wrong: written for exactly two layers, a third is left out and a single one is run twice
# misconception: none
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    bottom, top = cells[0], cells[min(1, len(cells) - 1)]
    s1 = s2 = None
    if state is not None:
        k = min(1, len(cells) - 1)
        s1 = (state[0][0], state[1][0]) if lstm else state[0]
        s2 = (state[0][k], state[1][k]) if lstm else state[k]
    outputs = []
    for x in inputs:
        s1 = bottom(x, s1)
        s2 = top(s1[0] if lstm else s1, s2)
        outputs.append(s2[0] if lstm else s2)
    if lstm:
        return torch.stack(outputs), (torch.stack([s1[0], s2[0]]), torch.stack([s1[1], s2[1]]))
    return torch.stack(outputs), torch.stack([s1, s2])
