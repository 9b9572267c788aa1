# wrong: each new state is written into a row of one big tensor, so backward raises
# misconception: none
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    if state is None:
        h = inputs.new_zeros(len(cells), inputs.size(1), cells[0].hidden_size)
        c = torch.zeros_like(h)
    else:
        h, c = (state[0].clone(), state[1].clone()) if lstm else (state.clone(), None)
    outputs = []
    for x in inputs:
        for i, cell in enumerate(cells):
            if lstm:
                h[i], c[i] = cell(x, (h[i], c[i]))
            else:
                h[i] = cell(x, h[i])
            x = h[i]
        outputs.append(h[-1].clone())
    return torch.stack(outputs), (h, c) if lstm else h
