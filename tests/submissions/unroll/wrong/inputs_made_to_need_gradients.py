# wrong: requires_grad is switched on for the caller's inputs
# misconception: none
import torch


def unroll(cell, inputs, state=None):
    inputs.requires_grad_()
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs), state
