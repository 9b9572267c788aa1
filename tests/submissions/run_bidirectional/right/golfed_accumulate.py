# right: golfed, accumulate over the inputs and over the reversed inputs
from itertools import accumulate, chain

import torch as t
from torch.nn import LSTMCell


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    p, xs = isinstance(forward_cell, LSTMCell), list(inputs)
    f0, b0 = (None, None) if state is None else zip(*state) if p else state
    go = lambda cell, s, x: list(accumulate(chain([s], x), lambda h, v: cell(v, h)))[1:]
    f, b = go(forward_cell, f0, xs), go(backward_cell, b0, xs[::-1])
    out = t.stack([t.cat((i[0], j[0]) if p else (i, j), -1) for i, j in zip(f, b[::-1])])
    return out, tuple(map(t.stack, zip(f[-1], b[-1]))) if p else t.stack((f[-1], b[-1]))
