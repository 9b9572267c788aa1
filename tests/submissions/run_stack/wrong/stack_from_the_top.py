# wrong: the stack is walked from the last cell to the first
# misconception: layers_reversed
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    L = len(cells)
    states = [None] * L
    if state is not None:
        states = [(state[0][l], state[1][l]) if lstm else state[l] for l in range(L)]
    outputs = []
    for x in inputs:
        for l in reversed(range(L)):
            states[l] = cells[l](x, states[l])
            x = states[l][0] if lstm else states[l]
        outputs.append(x)
    if lstm:
        return torch.stack(outputs), (torch.stack([s[0] for s in states]), torch.stack([s[1] for s in states]))
    return torch.stack(outputs), torch.stack(states)
