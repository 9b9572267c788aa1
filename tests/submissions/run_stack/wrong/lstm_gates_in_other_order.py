# wrong: own LSTM formula with the gates taken as i, f, o, g, while torch stores i, f, g, o
# misconception: none
import torch
import torch.nn.functional as F
from torch import nn


def lstm_step(cell, x, s):
    h, c = s
    gates = F.linear(x, cell.weight_ih, cell.bias_ih) + F.linear(h, cell.weight_hh, cell.bias_hh)
    i, f, o, g = gates.chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    zeros = inputs.new_zeros(inputs.size(1), cells[0].hidden_size)
    if state is None:
        states = [(zeros, zeros) if lstm else zeros for _ in cells]
    else:
        states = list(zip(*state)) if lstm else list(state)
    outputs = []
    for x in inputs:
        for l, cell in enumerate(cells):
            states[l] = lstm_step(cell, x, states[l]) if lstm else cell(x, states[l])
            x = states[l][0] if lstm else states[l]
        outputs.append(x)
    if lstm:
        return torch.stack(outputs), tuple(torch.stack(part) for part in zip(*states))
    return torch.stack(outputs), torch.stack(states)
