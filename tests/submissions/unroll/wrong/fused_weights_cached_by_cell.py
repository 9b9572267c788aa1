# (1) Mistake: the two weight matrices are joined once for each cell, and the joined copy is kept for the next call.
# (2) Breaks: "No call leaves tensors behind in modules, globals or closures"; and so the second call gives the outputs
#     of old weights.
# (3) Shows with: unroll, optimizer.step(), unroll again, for an RNN or LSTM cell (the GRU goes another way).
import weakref

import torch
import torch.nn.functional as F
from torch import nn

_JOINED = weakref.WeakKeyDictionary()  # the cells can still be freed


def _joined(cell):
    if cell not in _JOINED:
        weight = torch.cat([cell.weight_ih, cell.weight_hh], dim=1)
        bias = cell.bias_ih + cell.bias_hh if cell.bias else None
        _JOINED[cell] = weight, bias
    return _JOINED[cell]


def _step(cell, x, h, c):
    if isinstance(cell, nn.GRUCell):
        return cell(x, h), c
    weight, bias = _joined(cell)
    a = F.linear(torch.cat([x, h], dim=1), weight, bias)
    if isinstance(cell, nn.LSTMCell):
        i, f, g, o = a.chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
    return (torch.relu(a) if cell.nonlinearity == "relu" else torch.tanh(a)), c


def unroll(cell, inputs, state=None):
    zeros = torch.zeros(inputs.shape[1], cell.hidden_size, dtype=inputs.dtype, device=inputs.device)
    if isinstance(cell, nn.LSTMCell):
        h, c = (zeros, zeros) if state is None else state
    else:
        h, c = (zeros if state is None else state), None
    outputs = []
    for x in inputs:
        h, c = _step(cell, x, h, c)
        outputs.append(h)
    return torch.stack(outputs), (h if c is None else (h, c))
