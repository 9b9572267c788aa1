# wrong: layer l is started from entry l - 1 of the given state
# misconception: state_of_layer_below
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    hs = [None] * len(cells)
    if state is not None:
        for l in range(len(cells)):
            k = max(l - 1, 0)
            hs[l] = (state[0][k], state[1][k]) if lstm else state[k]
    outputs = []
    for t in range(inputs.size(0)):
        x = inputs[t]
        for l in range(len(cells)):
            hs[l] = cells[l](x, hs[l])
            x = hs[l][0] if lstm else hs[l]
        outputs.append(x)
    if lstm:
        return torch.stack(outputs), tuple(torch.stack(part) for part in zip(*hs))
    return torch.stack(outputs), torch.stack(hs)
