# wrong: the loop runs from the last step to the first, outputs put back in order of time
# misconception: reverse_order
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    T = inputs.size(0)
    outputs = [None] * T
    for t in range(T - 1, -1, -1):
        state = cell(inputs[t], state)
        outputs[t] = state[0] if isinstance(cell, nn.LSTMCell) else state
    return torch.stack(outputs), state
