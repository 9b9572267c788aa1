# right: the equations of the documentation written out, match statement, F.linear, no call of the cell
import torch
import torch.nn.functional as F
from torch import nn


def step(cell, x, state):
    h = state[0] if isinstance(cell, nn.LSTMCell) else state
    a = F.linear(x, cell.weight_ih, cell.bias_ih)
    b = F.linear(h, cell.weight_hh, cell.bias_hh)
    match cell:
        case nn.LSTMCell():
            i, f, g, o = (a + b).chunk(4, dim=1)
            c = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
            return o.sigmoid() * c.tanh(), c
        case nn.GRUCell():
            (ar, az, an), (br, bz, bn) = a.chunk(3, dim=1), b.chunk(3, dim=1)
            r = torch.sigmoid(ar + br)
            z = torch.sigmoid(az + bz)
            n = torch.tanh(an + r * bn)
            return (1 - z) * n + z * h
        case nn.RNNCell(nonlinearity="relu"):
            return F.relu(a + b)
        case _:
            return torch.tanh(a + b)


def unroll(cell, inputs, state=None):
    if state is None:
        with torch.no_grad():
            zeros = torch.zeros_like(inputs[0, :, :1]).repeat(1, cell.hidden_size)
        state = (zeros, zeros.clone()) if isinstance(cell, nn.LSTMCell) else zeros
    outputs = []
    for x in inputs.unbind(0):
        state = step(cell, x, state)
        outputs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)
    return torch.stack(outputs, 0), state
