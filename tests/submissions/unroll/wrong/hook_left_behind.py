# wrong: the outputs are collected by a forward hook on the cell, which is never removed
# misconception: none
import torch


def unroll(cell, inputs, state=None):
    outputs = []

    def collect(module, args, result):
        outputs.append(result[0] if isinstance(result, tuple) else result)

    cell.register_forward_hook(collect)
    if isinstance(state, list):
        state = tuple(state)
    for x in inputs:
        state = cell(x, state)
    return torch.stack(outputs), state
