# wrong: the state has the right shape, but every entry is the state of the last layer
# misconception: last_layer_state_only
import torch
import torch.nn as nn


def run_stack(cells, inputs, state=None):
    is_lstm = isinstance(cells[0], nn.LSTMCell)
    states = [None] * len(cells)
    if state is not None:
        states = list(zip(state[0], state[1])) if is_lstm else list(state)
    outputs = []
    for x in inputs:
        for i, cell in enumerate(cells):
            states[i] = cell(x, states[i])
            x = states[i][0] if is_lstm else states[i]
        outputs.append(x)
    n = len(cells)
    if is_lstm:
        h, c = states[-1]
        return torch.stack(outputs), (h.unsqueeze(0).repeat(n, 1, 1), c.unsqueeze(0).repeat(n, 1, 1))
    return torch.stack(outputs), states[-1].unsqueeze(0).repeat(n, 1, 1)
