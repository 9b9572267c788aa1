# wrong: the axis of the state that has as many entries as there are layers, second first
# misconception: none
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)

    def row(part, layer):
        return part[:, layer] if part.shape[1] == len(cells) else part[layer]

    x, finals = inputs, []
    for layer, cell in enumerate(cells):
        s = None
        if state is not None:
            s = tuple(row(part, layer) for part in state) if lstm else row(state, layer)
        outputs = []
        for step in x:
            s = cell(step, s)
            outputs.append(s[0] if lstm else s)
        x = torch.stack(outputs)
        finals.append(s)
    final = tuple(torch.stack(part) for part in zip(*finals)) if lstm else torch.stack(finals)
    return x, final
