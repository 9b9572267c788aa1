# MISTAKE: the stacked weights of a pair of cells are made at the first call and kept for all later ones: after an
#   optimizer's step (or .double(), or load_state_dict) the old numbers are used.
# BREAKS: "The result is what nn.RNN, ... with bidirectional=True and the same weights gives"; "Keep nothing after the
#   call" / "No call leaves tensors behind in modules, globals or closures."
# SHOWN BY: call, change a weight in place, call again with the same cells: the same result as before.
from weakref import WeakKeyDictionary

import torch
from torch import nn

_STACKED = WeakKeyDictionary()  # forward cell -> backward cell -> weights; goes when the cells go


def stacked(forward_cell, backward_cell):
    of_this = _STACKED.setdefault(forward_cell, WeakKeyDictionary())
    if backward_cell not in of_this:
        weights = {}
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            both = []
            for cell in (forward_cell, backward_cell):
                w = getattr(cell, name)
                both.append(cell.weight_ih.new_zeros(cell.weight_ih.shape[0]) if w is None else w)
            weights[name] = torch.stack(both)
        of_this[backward_cell] = weights
    return of_this[backward_cell]


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    w = stacked(forward_cell, backward_cell)
    T, B, _ = inputs.shape
    H = forward_cell.hidden_size
    lstm, gru = isinstance(forward_cell, nn.LSTMCell), isinstance(forward_cell, nn.GRUCell)

    h = inputs.new_zeros(2, B, H) if state is None else (state[0] if lstm else state)
    c = (inputs.new_zeros(2, B, H) if state is None else state[1]) if lstm else None
    x = torch.stack([inputs, inputs.flip(0)], dim=1)  # (T, 2, B, I)

    rows = []
    for t in range(T):
        a = torch.baddbmm(w["bias_ih"].unsqueeze(1), x[t], w["weight_ih"].mT)
        b = torch.baddbmm(w["bias_hh"].unsqueeze(1), h, w["weight_hh"].mT)
        if lstm:
            i, f, g, o = (a + b).chunk(4, -1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        elif gru:
            (ar, az, an), (br, bz, bn) = a.chunk(3, -1), b.chunk(3, -1)
            z = (az + bz).sigmoid()
            h = (1 - z) * (an + (ar + br).sigmoid() * bn).tanh() + z * h
        else:
            s = a + b
            h = torch.stack([
                s[d].relu() if cell.nonlinearity == "relu" else s[d].tanh()
                for d, cell in enumerate((forward_cell, backward_cell))
            ])
        rows.append(h)
    y = torch.stack(rows)
    outputs = torch.cat([y[:, 0], y[:, 1].flip(0)], dim=-1)
    return outputs, ((h, c) if lstm else h)
