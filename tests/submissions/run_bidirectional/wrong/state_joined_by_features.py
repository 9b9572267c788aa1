# wrong: the state is joined like the outputs, (B, 2H) instead of (2, B, H)
# misconception: joined_along_wrong_axis
import torch
from torch import nn


def unroll(cell, inputs, state):
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)
    return torch.stack(outputs), state


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)
    s_f = s_b = None
    if state is not None:
        s_f, s_b = zip(*state) if lstm else state.unbind(0)
    out_f, s_f = unroll(forward_cell, inputs, s_f)
    out_b, s_b = unroll(backward_cell, inputs.flip(0), s_b)
    outputs = torch.cat([out_f, out_b.flip(0)], dim=-1)
    if lstm:
        return outputs, (torch.cat([s_f[0], s_b[0]], dim=1), torch.cat([s_f[1], s_b[1]], dim=1))
    return outputs, torch.cat([s_f, s_b], dim=1)
