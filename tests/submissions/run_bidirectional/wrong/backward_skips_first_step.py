# wrong: range(T - 1, 0, -1) never reaches step 0, its backward half stays zero
# misconception: backward_step_left_out
import torch
from torch import nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    T, B, _ = inputs.shape
    lstm = isinstance(forward_cell, nn.LSTMCell)
    h0 = inputs.new_zeros(2, B, forward_cell.hidden_size)
    c0 = torch.zeros_like(h0)
    if state is not None:
        h0, c0 = state if lstm else (state, c0)
    front, back = [], [inputs.new_zeros(B, forward_cell.hidden_size) for _ in range(T)]
    h, c = h0[0], c0[0]
    for t in range(T):
        h, c = forward_cell(inputs[t], (h, c)) if lstm else (forward_cell(inputs[t], h), c)
        front.append(h)
    k, d = h0[1], c0[1]
    for t in range(T - 1, 0, -1):
        k, d = backward_cell(inputs[t], (k, d)) if lstm else (backward_cell(inputs[t], k), d)
        back[t] = k
    outputs = torch.cat([torch.stack(front), torch.stack(back)], dim=2)
    return outputs, (torch.stack([h, k]), torch.stack([c, d])) if lstm else torch.stack([h, k])
