# wrong: the outputs are written into a tensor of the default dtype
# misconception: outputs_of_default_dtype
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    T, B, _ = inputs.shape
    outs = torch.zeros(T, B, cell.hidden_size)
    for t in range(T):
        state = cell(inputs[t], state)
        outs[t] = state[0] if isinstance(state, tuple) else state
    return outs, state
