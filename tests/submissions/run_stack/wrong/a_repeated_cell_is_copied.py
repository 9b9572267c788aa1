# (1) Mistake: a cell that stands in the list a second time is deep-copied, so that "each has a memory of its own". The
#     copy has parameters of its own too, and its gradients go there.
# (2) Breaks: "Gradients equal those of torch.nn" ("then two layers share its weights").
# (3) Shows with: cells = [a, b, b] and a backward: b's gradient is that of one layer only. Values are right.
import copy

import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)

    layers, seen = [], set()
    for cell in cells:
        layers.append(copy.deepcopy(cell) if id(cell) in seen else cell)
        seen.add(id(cell))

    states = [None] * len(layers)
    if state is not None:
        states = list(zip(state[0], state[1])) if lstm else list(state)

    outputs = []
    for x in inputs:
        for l, layer in enumerate(layers):
            states[l] = layer(x, states[l])
            x = states[l][0] if lstm else states[l]
        outputs.append(x)

    if lstm:
        return torch.stack(outputs), (torch.stack([s[0] for s in states]), torch.stack([s[1] for s in states]))
    return torch.stack(outputs), torch.stack(states)
