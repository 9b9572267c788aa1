# wrong: for LSTM cells the state is a list of (h, c) pairs, one a layer, not a pair of (L, B, H)
# misconception: pairs_per_layer_returned
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    states = [None] * len(cells)
    if state is not None:
        states = list(zip(*state)) if lstm else list(state)
    outputs = []
    for x in inputs:
        for i in range(len(cells)):
            states[i] = cells[i](x, states[i])
            x = states[i][0] if lstm else states[i]
        outputs.append(x)
    return torch.stack(outputs), states if lstm else torch.stack(states)
