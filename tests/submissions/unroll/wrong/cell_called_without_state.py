# wrong: the cell is called without a state, so every step starts from zeros
# misconception: new_state_each_step
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    outputs = []
    for t in range(inputs.size(0)):
        if t == 0:
            state = cell(inputs[t], state)
        else:
            state = cell(inputs[t])
        outputs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)
    return torch.stack(outputs), state
