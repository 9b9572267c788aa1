# wrong: the state of zeros is float32 and on the CPU, whatever the cells are
# misconception: default_dtype
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    T, B, _ = inputs.shape
    lstm = isinstance(cells[0], nn.LSTMCell)
    H = cells[0].hidden_size
    if state is None:
        z = torch.zeros(len(cells), B, H)
        state = (z, torch.zeros(len(cells), B, H)) if lstm else z
    hs = [state[0][i] for i in range(len(cells))] if lstm else [state[i] for i in range(len(cells))]
    cs = [state[1][i] for i in range(len(cells))] if lstm else None
    outs = []
    for t in range(T):
        x = inputs[t]
        for i, cell in enumerate(cells):
            if lstm:
                hs[i], cs[i] = cell(x, (hs[i], cs[i]))
            else:
                hs[i] = cell(x, hs[i])
            x = hs[i]
        outs.append(x)
    h = torch.stack(hs)
    return torch.stack(outs), ((h, torch.stack(cs)) if lstm else h)
