# wrong: the backward state is taken where time ends, that is after one step of the backward cell
# misconception: backward_state_at_last_step
import torch
from torch import nn


def all_states(cell, steps, s):
    states = []
    for x in steps:
        s = cell(x, s)
        states.append(s)
    return states


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)
    f0, b0 = (None, None)
    if state is not None:
        f0, b0 = zip(*state) if lstm else state
    f = all_states(forward_cell, list(inputs), f0)
    b = all_states(backward_cell, list(inputs)[::-1], b0)[::-1]
    if lstm:
        outputs = torch.stack([torch.cat([p[0], q[0]], dim=1) for p, q in zip(f, b)])
        return outputs, (torch.stack([f[-1][0], b[-1][0]]), torch.stack([f[-1][1], b[-1][1]]))
    outputs = torch.stack([torch.cat([p, q], dim=1) for p, q in zip(f, b)])
    return outputs, torch.stack([f[-1], b[-1]])
