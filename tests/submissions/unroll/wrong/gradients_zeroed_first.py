# wrong: zero_grad throws away gradients that the caller had gathered
# misconception: none
import torch


def unroll(cell, inputs, state=None):
    cell.zero_grad()
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs), state
