# wrong: for an LSTM only h is handed on, c is a fresh zero at each later step
# misconception: only_h_passed
import torch
import torch.nn as nn


def unroll(cell, inputs, state=None):
    outputs = []
    if not isinstance(cell, nn.LSTMCell):
        for x in inputs:
            state = cell(x, state)
            outputs.append(state)
        return torch.stack(outputs), state
    h, c = cell(inputs[0], state)
    outputs.append(h)
    for x in inputs[1:]:
        h, c = cell(x, (h, torch.zeros_like(h)))
        outputs.append(h)
    return torch.stack(outputs), (h, c)
