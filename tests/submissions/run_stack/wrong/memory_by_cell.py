# wrong: the memories are kept by cell, so that two layers of one cell share theirs
# misconception: none
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    memory = {}
    for l, cell in enumerate(cells):
        if state is None:
            memory[cell] = None
        elif lstm:
            memory[cell] = (state[0][l], state[1][l])
        else:
            memory[cell] = state[l]
    outputs = []
    for x in inputs:
        for cell in cells:
            memory[cell] = cell(x, memory[cell])
            x = memory[cell][0] if lstm else memory[cell]
        outputs.append(x)
    finals = [memory[cell] for cell in cells]
    if lstm:
        h, c = zip(*finals)
        return torch.stack(outputs), (torch.stack(h), torch.stack(c))
    return torch.stack(outputs), torch.stack(finals)
