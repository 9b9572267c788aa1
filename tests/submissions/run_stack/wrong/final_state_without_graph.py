# wrong: the state that is returned is detached
# misconception: final_state_detached
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
        for step in x:
            s = cell(step, s)
            outputs.append(s[0] if lstm else s)
        x = torch.stack(outputs)
        finals.append(s)
    final = tuple(torch.stack(part) for part in zip(*finals)) if lstm else torch.stack(finals)
    return x, tuple(part.detach() for part in final) if lstm else final.detach()
