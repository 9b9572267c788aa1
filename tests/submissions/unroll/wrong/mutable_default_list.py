# wrong: a default list collects the outputs of all calls ever made
# misconception: default_list_shared
import torch


def unroll(cell, inputs, state=None, outputs=[]):
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs), state
