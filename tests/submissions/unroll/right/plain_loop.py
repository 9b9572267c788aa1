# right: the shortest honest loop, the cell makes its own zero state
import torch


def unroll(cell, inputs, state=None):
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs), state
