# wrong: a pair given as a list is overwritten element by element
# misconception: state_changed_in_place
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    outputs = []
    if isinstance(cell, nn.LSTMCell):
        if state is None:
            zeros = cell.weight_hh.new_zeros(inputs.size(1), cell.hidden_size)
            state = [zeros, zeros.clone()]
        elif isinstance(state, tuple):
            state = list(state)
        for x in inputs:
            state[0], state[1] = cell(x, (state[0], state[1]))
            outputs.append(state[0])
        return torch.stack(outputs), state
    for x in inputs:
        state = cell(x, state)
        outputs.append(state)
    return torch.stack(outputs), state
