# wrong: a given state is never looked at, all layers start from zeros
# misconception: initial_state_ignored
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    finals = []
    for cell in cells:
        s, outputs = None, []
        for x in inputs:
            s = cell(x, s)
            outputs.append(s[0] if isinstance(cell, nn.LSTMCell) else s)
        inputs = torch.stack(outputs)
        finals.append(s)
    if isinstance(cells[0], nn.LSTMCell):
        return inputs, tuple(torch.stack(part) for part in zip(*finals))
    return inputs, torch.stack(finals)
