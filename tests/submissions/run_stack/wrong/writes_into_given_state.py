# wrong: the given state tensor is used as the working memory, its rows are overwritten
# misconception: arguments_changed_in_place
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    states = [None] * len(cells)
    if state is not None:
        states = list(zip(*state)) if lstm else list(state)
    outputs = []
    for x in inputs:
        for i, cell in enumerate(cells):
            states[i] = cell(x, states[i])
            x = states[i][0] if lstm else states[i]
        outputs.append(x)
    parts = [torch.stack(p) for p in zip(*states)] if lstm else [torch.stack(states)]
    if state is not None:
        for mine, theirs in zip(parts, state if lstm else [state]):
            theirs.data[:] = mine.data
    return torch.stack(outputs), tuple(parts) if lstm else parts[0]
