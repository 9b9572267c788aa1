# wrong: a pair given as a list is not recognised, so the LSTM starts from zeros
# misconception: none
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    states = [None] * len(cells)
    if lstm and isinstance(state, tuple):
        h, c = state
        states = [(h[l], c[l]) for l in range(len(cells))]
    elif not lstm and state is not None:
        states = [state[l] for l in range(len(cells))]
    outputs = []
    for x in inputs:
        for l, cell in enumerate(cells):
            states[l] = cell(x, states[l])
            x = states[l][0] if lstm else states[l]
        outputs.append(x)
    if lstm:
        return torch.stack(outputs), (torch.stack([s[0] for s in states]), torch.stack([s[1] for s in states]))
    return torch.stack(outputs), torch.stack(states)
