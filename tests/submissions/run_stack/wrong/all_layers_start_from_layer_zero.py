# wrong: the initial state of layer 0 is given to all the layers
# misconception: one_state_for_all_layers
import torch
import torch.nn as nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    start = None
    if state is not None:
        start = (state[0][0], state[1][0]) if lstm else state[0]
    states = [start for _ in cells]
    outputs = []
    for x in inputs:
        for i, cell in enumerate(cells):
            states[i] = cell(x, states[i])
            x = states[i][0] if lstm else states[i]
        outputs.append(x)
    if lstm:
        h, c = zip(*states)
        return torch.stack(outputs), (torch.stack(h), torch.stack(c))
    return torch.stack(outputs), torch.stack(states)
