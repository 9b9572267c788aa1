# wrong: a frozen cell is run without a graph, and what lies below gets no gradient
# misconception: none
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    xs, finals = inputs, []
    for l, cell in enumerate(cells):
        s = None
        if state is not None:
            s = (state[0][l], state[1][l]) if lstm else state[l]
        ys = []
        with torch.set_grad_enabled(torch.is_grad_enabled() and cell.weight_hh.requires_grad):
            for x in xs:
                s = cell(x, s)
                ys.append(s[0] if lstm else s)
        xs = torch.stack(ys)
        finals.append(s)
    if lstm:
        return xs, tuple(torch.stack(p) for p in zip(*finals))
    return xs, torch.stack(finals)
