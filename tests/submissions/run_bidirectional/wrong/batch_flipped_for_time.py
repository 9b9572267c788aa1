# wrong: flips the batch axis instead of time, before and after
# misconception: backward_reads_forward
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
        s_f = (state[0][0], state[1][0]) if lstm else state[0]
        s_b = (state[0][1], state[1][1]) if lstm else state[1]
    out_f, s_f = unroll(forward_cell, inputs, s_f)
    out_b, s_b = unroll(backward_cell, inputs.flip(1), s_b)
    outputs = torch.cat([out_f, out_b.flip(1)], dim=-1)
    if lstm:
        return outputs, (torch.stack([s_f[0], s_b[0]]), torch.stack([s_f[1], s_b[1]]))
    return outputs, torch.stack([s_f, s_b])
