# wrong: one variable holds the state of every layer, it is overwritten by each cell in turn
# misconception: one_state_for_all_layers
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    if state is None:
        s = None
    else:
        s = (state[0][0], state[1][0]) if lstm else state[0]
    outputs = []
    for x in inputs:
        finals = []
        for cell in cells:
            s = cell(x, s)
            x = s[0] if lstm else s
            finals.append(s)
        outputs.append(x)
    if lstm:
        return torch.stack(outputs), (torch.stack([f[0] for f in finals]), torch.stack([f[1] for f in finals]))
    return torch.stack(outputs), torch.stack(finals)
