# wrong: the LSTM cell gets (h, h), so the cell state is lost
# misconception: c_replaced_by_h
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    outputs = []
    is_lstm = isinstance(cell, nn.LSTMCell)
    for x in inputs:
        state = cell(x, state)
        if is_lstm:
            h, c = state
            outputs.append(h)
            state = (h, h)
        else:
            outputs.append(state)
    if is_lstm:
        return torch.stack(outputs), (h, c)
    return torch.stack(outputs), state
