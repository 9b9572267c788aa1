# wrong: the last state is kept on the function "for debugging", tensors and graph stay alive
# misconception: none
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)
    unroll.last_state = state
    return torch.stack(outputs), state
