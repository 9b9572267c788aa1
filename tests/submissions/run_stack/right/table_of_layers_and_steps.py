# right: dynamic programming, a table of states by (layer, step), filled along the diagonals
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    L, T = len(cells), len(inputs)
    lstm = isinstance(cells[0], nn.LSTMCell)
    table = {}
    for l in range(L):
        if state is None:
            table[l, -1] = None
        else:
            table[l, -1] = (state[0][l], state[1][l]) if lstm else state[l]
    for diagonal in range(L + T - 1):
        for l in range(max(0, diagonal - T + 1), min(L, diagonal + 1)):
            t = diagonal - l
            if l == 0:
                x = inputs[t]
            else:
                x = table[l - 1, t][0] if lstm else table[l - 1, t]
            table[l, t] = cells[l](x, table[l, t - 1])
    last = [table[l, T - 1] for l in range(L)]
    if lstm:
        outputs = torch.stack([table[L - 1, t][0] for t in range(T)])
        return outputs, (torch.stack([h for h, c in last]), torch.stack([c for h, c in last]))
    return torch.stack([table[L - 1, t] for t in range(T)]), torch.stack(last)
