# wrong: the outputs are gathered in a tensor of the right dtype that is always on the CPU
# misconception: none
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    T, B, _ = inputs.shape
    outputs = torch.zeros(T, B, cell.hidden_size, dtype=inputs.dtype)
    for t in range(T):
        state = cell(inputs[t], state)
        outputs[t] = state[0] if isinstance(cell, nn.LSTMCell) else state
    return outputs, state
