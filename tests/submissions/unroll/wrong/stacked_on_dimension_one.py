# wrong: outputs are stacked batch first, (B, T, H)
# misconception: time_and_batch_swapped
import torch


def unroll(cell, inputs, state=None):
    outputs = []
    for x in inputs:
        state = cell(x, state)
        h = state[0] if isinstance(state, tuple) else state
        outputs.append(h)
    return torch.stack(outputs, dim=1), state
