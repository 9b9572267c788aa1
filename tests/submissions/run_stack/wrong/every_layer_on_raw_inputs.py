# wrong: every layer reads the raw inputs instead of the outputs of the layer below
# misconception: raw_inputs_for_every_layer
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    finals = []
    for i, cell in enumerate(cells):
        s = None
        if state is not None:
            s = (state[0][i], state[1][i]) if lstm else state[i]
        outputs = []
        for x in inputs:
            s = cell(x, s)
            outputs.append(s[0] if lstm else s)
        finals.append(s)
    outputs = torch.stack(outputs)
    if lstm:
        return outputs, (torch.stack([h for h, c in finals]), torch.stack([c for h, c in finals]))
    return outputs, torch.stack(finals)
