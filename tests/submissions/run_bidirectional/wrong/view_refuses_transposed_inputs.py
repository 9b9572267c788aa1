# MISTAKE: the input products of all steps are made at once with inputs.view(T * B, I); view refuses inputs that are not
#   contiguous (RuntimeError: view size is not compatible ...).
# BREAKS: "inputs is (T, B, I)" - any tensor of that shape; "The result is what nn.RNN, ... gives", which takes it.
# SHOWN BY: batch_first_data.transpose(0, 1) with B > 1 and T > 1 as inputs.
import torch
import torch.nn.functional as F
from torch import nn


def _lstm(x, r, s):
    i, f, g, o = (x + r).chunk(4, dim=1)
    c = torch.sigmoid(f) * s[1] + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def _gru(x, r, s):
    (xr, xz, xn), (rr, rz, rn) = x.chunk(3, dim=1), r.chunk(3, dim=1)
    z = torch.sigmoid(xz + rz)
    n = torch.tanh(xn + torch.sigmoid(xr + rr) * rn)
    return ((1 - z) * n + z * s[0],)


def _tanh(x, r, s):
    return (torch.tanh(x + r),)


def _relu(x, r, s):
    return (torch.relu(x + r),)


def _rule(cell):
    if isinstance(cell, nn.LSTMCell):
        return _lstm
    if isinstance(cell, nn.GRUCell):
        return _gru
    return _tanh if cell.nonlinearity == "tanh" else _relu


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    T, B, I = inputs.size()
    lstm = isinstance(forward_cell, nn.LSTMCell)
    if state is None:
        parts = [inputs.new_zeros(2, B, forward_cell.hidden_size) for _ in range(1 + lstm)]
    else:
        parts = list(state) if lstm else [state]

    outs, ends = [], []
    for d, cell in enumerate((forward_cell, backward_cell)):
        # one big product instead of T small ones
        projected = F.linear(inputs.view(T * B, I), cell.weight_ih, cell.bias_ih).view(T, B, -1)
        rule, s = _rule(cell), tuple(p[d] for p in parts)
        rows = []
        for t in range(T):
            x = projected[T - 1 - t if d else t]
            s = rule(x, F.linear(s[0], cell.weight_hh, cell.bias_hh), s)
            rows.append(s[0])
        outs.append(torch.stack(rows[::-1] if d else rows))
        ends.append(s)

    final = tuple(torch.stack(p) for p in zip(*ends))
    return torch.cat(outs, dim=2), final if lstm else final[0]
