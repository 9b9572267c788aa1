# wrong: only the state of the last layer comes back, (B, H)
# misconception: last_layer_state_only
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    for i, cell in enumerate(cells):
        s = None
        if state is not None:
            s = (state[0][i], state[1][i]) if lstm else state[i]
        outputs = []
        for x in inputs:
            s = cell(x, s)
            outputs.append(s[0] if lstm else s)
        inputs = torch.stack(outputs)
    return inputs, s
