# wrong: a global list keeps every layer's outputs, detached
# misconception: none
import torch
from torch import nn


notes = []


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    x, finals = inputs, []
    for layer, cell in enumerate(cells):
        s = None
        if state is not None:
            s = (state[0][layer], state[1][layer]) if lstm else state[layer]
        outputs = []
        for step in x:
            s = cell(step, s)
            outputs.append(s[0] if lstm else s)
        x = torch.stack(outputs)
        notes.append(x.detach())
        finals.append(s)
    final = tuple(torch.stack(part) for part in zip(*finals)) if lstm else torch.stack(finals)
    return x, final
