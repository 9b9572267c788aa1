# wrong: the last element of the pair is taken for the output, which is c
# misconception: c_as_output
import torch


def unroll(cell, inputs, state=None):
    outputs = []
    for x in inputs:
        state = cell(x, state)
        if isinstance(state, tuple):
            outputs.append(state[-1])
        else:
            outputs.append(state)
    return torch.stack(outputs), state
