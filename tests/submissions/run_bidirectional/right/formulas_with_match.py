# right: the equations written out with F.linear, one pass a direction, no call of the cells
import torch
import torch.nn.functional as F
from torch import nn


def advance(cell, x, h, c):
    a, b = F.linear(x, cell.weight_ih, cell.bias_ih), F.linear(h, cell.weight_hh, cell.bias_hh)
    match cell:
        case nn.LSTMCell():
            i, f, g, o = (a + b).chunk(4, -1)
            c = F.sigmoid(f) * c + F.sigmoid(i) * F.tanh(g)
            return F.sigmoid(o) * F.tanh(c), c
        case nn.GRUCell():
            (ar, az, an), (br, bz, bn) = a.chunk(3, -1), b.chunk(3, -1)
            z = F.sigmoid(az + bz)
            return torch.lerp(F.tanh(an + F.sigmoid(ar + br) * bn), h, z), c
        case nn.RNNCell(nonlinearity="tanh"):
            return F.tanh(a + b), c
        case nn.RNNCell(nonlinearity="relu"):
            return F.relu(a + b), c


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    is_pair = isinstance(forward_cell, nn.LSTMCell)
    if state is None:
        h0 = inputs.new_zeros(2, inputs.size(1), forward_cell.hidden_size)
        c0 = torch.zeros_like(h0)
    else:
        h0, c0 = state if is_pair else (state, state)
    halves, h_n, c_n = [], [], []
    for cell, x_seq, h, c in zip((forward_cell, backward_cell), (inputs, inputs.flip([0])), h0, c0):
        outputs = []
        for x in x_seq:
            h, c = advance(cell, x, h, c)
            outputs.append(h)
        halves.append(outputs)
        h_n.append(h)
        c_n.append(c)
    outputs = torch.cat([torch.stack(halves[0]), torch.stack(halves[1][::-1])], dim=2)
    return outputs, (torch.stack(h_n), torch.stack(c_n)) if is_pair else torch.stack(h_n)
