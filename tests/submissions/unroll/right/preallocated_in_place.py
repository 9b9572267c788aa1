# right: outputs written in place into a fresh tensor of its own
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    steps, batch, _ = inputs.shape
    out = cell.weight_hh.new_empty(steps, batch, cell.hidden_size)
    lstm = isinstance(cell, nn.LSTMCell)
    h = c = None
    if lstm and state is not None:
        h, c = state
    elif not lstm:
        h = state
    for t in range(steps):
        if lstm:
            h, c = cell(inputs[t], (h, c) if h is not None else None)
        else:
            h = cell(inputs[t], h)
        out[t] = h
    return (out, (h, c)) if lstm else (out, h)
