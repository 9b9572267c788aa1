# wrong: a global holds the inputs of the last call
# misconception: none
import torch


seen = {}


def unroll(cell, inputs, state=None):
    seen["last"] = inputs
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs), state
