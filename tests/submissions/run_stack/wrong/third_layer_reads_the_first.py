# wrong: every upper layer reads the outputs of the first
# misconception: first_layers_outputs_for_every_layer
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    x, finals = inputs, []
    for layer, cell in enumerate(cells):
        s = None
        if state is not None:
            s = (state[0][layer], state[1][layer]) if lstm else state[layer]
        outputs = []
        for step in (x if layer < 2 else lowest):
            s = cell(step, s)
            outputs.append(s[0] if lstm else s)
        x = torch.stack(outputs)
        lowest = x if layer == 0 else lowest
        finals.append(s)
    final = tuple(torch.stack(part) for part in zip(*finals)) if lstm else torch.stack(finals)
    return x, final
