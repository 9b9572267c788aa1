# wrong: copy and paste, the second loop calls the forward cell again
# misconception: forward_cell_twice
import torch
import torch.nn as nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    is_lstm = isinstance(forward_cell, nn.LSTMCell)
    s1 = s2 = None
    if state is not None:
        if is_lstm:
            h0, c0 = state
            s1, s2 = (h0[0], c0[0]), (h0[1], c0[1])
        else:
            s1, s2 = state[0], state[1]
    out1 = []
    for x in inputs:
        s1 = forward_cell(x, s1)
        out1.append(s1[0] if is_lstm else s1)
    out2 = []
    for x in inputs.flip(0):
        s2 = forward_cell(x, s2)
        out2.append(s2[0] if is_lstm else s2)
    out2.reverse()
    outputs = torch.cat([torch.stack(out1), torch.stack(out2)], dim=2)
    if is_lstm:
        return outputs, (torch.stack([s1[0], s2[0]]), torch.stack([s1[1], s2[1]]))
    return outputs, torch.stack([s1, s2])
