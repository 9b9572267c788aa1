# (1) Mistake: writes the cells out by hand, and tanh as (e^2x - 1) / (e^2x + 1): infinity by infinity for large x.
# (2) Breaks: "returns the outputs (T, B, H)": the hidden states of the cell, which are 1 there, and not NaN.
# (3) Shows with: a tanh RNN (or GRU, LSTM) cell and inputs of some hundreds, in float32.
import torch
from torch import nn
from torch.nn.functional import linear


def tanh(x):
    e = torch.exp(2 * x)
    return (e - 1) / (e + 1)


def unroll(cell, inputs, state=None):
    zero = torch.zeros(inputs.shape[1], cell.hidden_size, dtype=inputs.dtype, device=inputs.device)
    if isinstance(cell, nn.LSTMCell):
        h, c = [zero, zero] if state is None else state
    else:
        h, c = zero if state is None else state, None

    outputs = []
    for x in inputs:
        a = linear(x, cell.weight_ih, cell.bias_ih)
        b = linear(h, cell.weight_hh, cell.bias_hh)
        if isinstance(cell, nn.LSTMCell):
            i, f, g, o = (a + b).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * tanh(g)
            h = torch.sigmoid(o) * tanh(c)
        elif isinstance(cell, nn.GRUCell):
            (ar, az, an), (br, bz, bn) = a.chunk(3, 1), b.chunk(3, 1)
            n = tanh(an + torch.sigmoid(ar + br) * bn)
            z = torch.sigmoid(az + bz)
            h = n + z * (h - n)
        elif cell.nonlinearity == "relu":
            h = torch.relu(a + b)
        else:
            h = tanh(a + b)
        outputs.append(h)

    return torch.stack(outputs), (h, c) if c is not None else h
