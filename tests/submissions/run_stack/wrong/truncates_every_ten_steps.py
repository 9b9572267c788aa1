# wrong: the state is cut from the graph at every tenth step
# misconception: none
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
        for t, step in enumerate(x):
            if t and t % 10 == 0:
                s = tuple(part.detach() for part in s) if lstm else s.detach()
            s = cell(step, s)
            outputs.append(s[0] if lstm else s)
        x = torch.stack(outputs)
        finals.append(s)
    final = tuple(torch.stack(part) for part in zip(*finals)) if lstm else torch.stack(finals)
    return x, final
