# wrong: both directions are started from entry 0 of the given state
# misconception: one_state_for_both
import torch
from torch import nn


def unroll(cell, inputs, state):
    hs = []
    for x in inputs:
        state = cell(x, state)
        hs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)
    return hs, state


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)
    start = None
    if state is not None:
        start = (state[0][0], state[1][0]) if lstm else state[0]
    f, sf = unroll(forward_cell, inputs, start)
    b, sb = unroll(backward_cell, inputs.flip(0), start)
    out = torch.cat([torch.stack(f), torch.stack(b[::-1])], -1)
    if lstm:
        return out, tuple(torch.stack(pair) for pair in zip(sf, sb))
    return out, torch.stack([sf, sb])
