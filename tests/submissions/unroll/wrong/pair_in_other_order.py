# wrong: an LSTM's final state is given back as (c, h)
# misconception: pair_swapped
import torch


def unroll(cell, inputs, state=None):
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    if isinstance(state, tuple):
        h, c = state
        return torch.stack(outputs), (c, h)
    return torch.stack(outputs), state
