# wrong: the cells are popped off the list of the caller, which is empty afterwards
# misconception: arguments_changed_in_place
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    if not isinstance(cells, list):
        cells = list(cells)
    lstm = isinstance(cells[0], nn.LSTMCell)
    finals = []
    while cells:
        cell = cells.pop(0)
        i = len(finals)
        s = None
        if state is not None:
            s = (state[0][i], state[1][i]) if lstm else state[i]
        outputs = []
        for x in inputs:
            s = cell(x, s)
            outputs.append(s[0] if lstm else s)
        inputs = torch.stack(outputs)
        finals.append(s)
    if lstm:
        return inputs, (torch.stack([h for h, c in finals]), torch.stack([c for h, c in finals]))
    return inputs, torch.stack(finals)
