# right: a generator yields the states, a named tuple holds the LSTM pair, outputs joined with cat
from collections import namedtuple

import torch
from torch import nn

LSTMState = namedtuple("LSTMState", ["h", "c"])


def states(cell, inputs, state):
    for x in torch.split(inputs, 1):
        state = cell(x.squeeze(0), state)
        if isinstance(cell, nn.LSTMCell):
            state = LSTMState(*state)
        yield state


def unroll(cell, inputs, state=None):
    batch = inputs.shape[1]
    weight = cell.weight_hh.detach()
    if state is None:
        state = weight.new_zeros((batch, weight.shape[1]))
        if isinstance(cell, nn.LSTMCell):
            state = LSTMState(state, torch.zeros_like(state))
    else:
        state = LSTMState(*state) if isinstance(cell, nn.LSTMCell) else state
    outputs = []
    for state in states(cell, inputs, state):
        h = getattr(state, "h", state) if isinstance(cell, nn.LSTMCell) else state
        outputs.append(h[None])
    return torch.cat(outputs), state
