# wrong: the given state is cut into layers with view(B, L, H), which mixes sequences and layers
# misconception: none
import torch
from torch import nn


def per_layer(s, batch):
    s = s.reshape(batch, -1, s.size(-1))
    return [s[:, i] for i in range(s.size(1))]


def run_stack(cells, inputs, state=None):
    B = inputs.size(1)
    lstm = isinstance(cells[0], nn.LSTMCell)
    states = [None] * len(cells)
    if state is not None:
        states = list(zip(per_layer(state[0], B), per_layer(state[1], B))) if lstm else per_layer(state, B)
    finals = []
    for cell, s in zip(cells, states):
        outputs = []
        for x in inputs:
            s = cell(x, s)
            outputs.append(s[0] if lstm else s)
        inputs = torch.stack(outputs)
        finals.append(s)
    if lstm:
        return inputs, tuple(torch.stack(part) for part in zip(*finals))
    return inputs, torch.stack(finals)
