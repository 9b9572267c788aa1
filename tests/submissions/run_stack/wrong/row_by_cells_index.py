# wrong: finds a cell's row by its place in the list, which two layers may share
# misconception: none
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    xs, finals = inputs, []
    for cell in cells:
        s = None
        if state is not None:
            l = cells.index(cell)
            s = (state[0][l], state[1][l]) if lstm else state[l]
        ys = []
        for x in xs:
            s = cell(x, s)
            ys.append(s[0] if lstm else s)
        xs = torch.stack(ys)
        finals.append(s)
    if lstm:
        return xs, tuple(torch.stack(p) for p in zip(*finals))
    return xs, torch.stack(finals)
