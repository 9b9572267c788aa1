# wrong: without gradients the caller's inputs are overwritten
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
        in_place = not torch.is_grad_enabled() and xs.size(-1) == cell.hidden_size
        ys = []
        for x in xs:
            s = cell(x, s)
            y = s[0] if lstm else s
            ys.append(x.copy_(y) if in_place else y)
        xs = torch.stack(ys)
        finals.append(s)
    if lstm:
        return xs, tuple(torch.stack(p) for p in zip(*finals))
    return xs, torch.stack(finals)
