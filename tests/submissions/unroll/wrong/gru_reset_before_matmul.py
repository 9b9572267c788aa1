# wrong: own GRU formula, the reset gate multiplies h before the matrix product (textbook, not torch)
# misconception: none
import torch
import torch.nn.functional as F
from torch import nn


def gru_step(cell, x, h):
    a = F.linear(x, cell.weight_ih, cell.bias_ih)
    b = F.linear(h, cell.weight_hh, cell.bias_hh)
    H = cell.hidden_size
    r = torch.sigmoid(a[:, :H] + b[:, :H])
    z = torch.sigmoid(a[:, H:2 * H] + b[:, H:2 * H])
    bias = None if cell.bias_hh is None else cell.bias_hh[2 * H:]
    n = torch.tanh(a[:, 2 * H:] + F.linear(r * h, cell.weight_hh[2 * H:], bias))
    return (1 - z) * n + z * h


def unroll(cell, inputs, state=None):
    outputs = []
    if isinstance(cell, nn.GRUCell) and state is None:
        state = inputs.new_zeros(inputs.size(1), cell.hidden_size)
    for x in inputs:
        state = gru_step(cell, x, state) if isinstance(cell, nn.GRUCell) else cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs), state
