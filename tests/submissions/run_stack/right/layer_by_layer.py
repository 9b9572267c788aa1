# right: layer by layer, every layer runs over the whole sequence before the next one starts
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    finals = []
    for layer, cell in enumerate(cells):
        if state is None:
            s = None
        elif lstm:
            s = (state[0][layer], state[1][layer])
        else:
            s = state[layer]
        outputs = []
        for x in inputs:
            s = cell(x, s)
            outputs.append(s[0] if lstm else s)
        inputs = torch.stack(outputs)
        finals.append(s)
    if lstm:
        return inputs, (torch.stack([h for h, _ in finals]), torch.stack([c for _, c in finals]))
    return inputs, torch.stack(finals)
