# wrong: a layer starts from the final state of the layer below, as an encoder hands it to a decoder
# misconception: state_of_layer_below
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    s = None
    if state is not None:
        s = (state[0][0], state[1][0]) if lstm else state[0]
    finals = []
    for cell in cells:
        outputs = []
        for x in inputs:
            s = cell(x, s)
            outputs.append(s[0] if lstm else s)
        inputs = torch.stack(outputs)
        finals.append(s)
    if lstm:
        return inputs, (torch.stack([f[0] for f in finals]), torch.stack([f[1] for f in finals]))
    return inputs, torch.stack(finals)
