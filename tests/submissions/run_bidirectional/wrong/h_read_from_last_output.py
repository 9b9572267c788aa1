# wrong: h of both directions is cut out of outputs[-1] (c is right)
# misconception: backward_state_at_last_step
import torch
import torch.nn as nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    H = forward_cell.hidden_size
    is_lstm = isinstance(forward_cell, nn.LSTMCell)
    halves, cs = [], []
    for d, cell in enumerate([forward_cell, backward_cell]):
        s = None
        if state is not None:
            s = (state[0][d], state[1][d]) if is_lstm else state[d]
        xs = inputs if d == 0 else inputs.flip(0)
        ys = []
        for x in xs:
            s = cell(x, s)
            ys.append(s[0] if is_lstm else s)
        if is_lstm:
            cs.append(s[1])
        halves.append(torch.stack(ys if d == 0 else ys[::-1]))
    outputs = torch.cat(halves, dim=2)
    h_n = torch.stack([outputs[-1, :, :H], outputs[-1, :, H:]])
    return outputs, (h_n, torch.stack(cs)) if is_lstm else h_n
