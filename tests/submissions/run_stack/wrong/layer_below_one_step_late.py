# wrong: an upper layer reads the layer below as it was one step ago (all layers are updated at once)
# misconception: layer_below_one_step_late
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    if state is None:
        zeros = inputs.new_zeros(len(cells), inputs.size(1), cells[0].hidden_size)
        state = (zeros, zeros.clone()) if lstm else zeros
    states = list(zip(*state)) if lstm else list(state)
    outputs = []
    for x in inputs:
        below = [x] + [s[0] if lstm else s for s in states[:-1]]
        states = [cell(b, s) for cell, b, s in zip(cells, below, states)]
        outputs.append(states[-1][0] if lstm else states[-1])
    if lstm:
        return torch.stack(outputs), tuple(torch.stack(part) for part in zip(*states))
    return torch.stack(outputs), torch.stack(states)
