# wrong: the new state is also copied into the tensors of the caller
# misconception: state_changed_in_place
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    current = state
    outputs = []
    for x in inputs:
        current = cell(x, current)
        outputs.append(current[0] if isinstance(cell, nn.LSTMCell) else current)
    if state is not None:
        if isinstance(cell, nn.LSTMCell):
            state[0].data.copy_(current[0])
            state[1].data.copy_(current[1])
        else:
            state.data.copy_(current)
    return torch.stack(outputs), current
