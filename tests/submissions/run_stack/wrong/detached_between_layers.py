# wrong: the outputs of a layer are detached before the next layer reads them
# misconception: detached_on_the_way
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
        for x in inputs if i == 0 else inputs.detach():
            s = cell(x, s)
            outputs.append(s[0] if lstm else s)
        inputs = torch.stack(outputs)
        finals.append(s)
    if lstm:
        return inputs, (torch.stack([h for h, c in finals]), torch.stack([c for h, c in finals]))
    return inputs, torch.stack(finals)
