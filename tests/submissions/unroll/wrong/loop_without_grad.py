# wrong: the loop runs under no_grad
# misconception: no_graph
import torch


@torch.no_grad()
def unroll(cell, inputs, state=None):
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs), state
