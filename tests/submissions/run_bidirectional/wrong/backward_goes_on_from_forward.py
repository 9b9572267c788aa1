# wrong: the backward cell starts from the state in which the forward cell ended
# misconception: one_state_for_both
import torch
from torch import nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)
    s = None
    if state is not None:
        s = (state[0][0], state[1][0]) if lstm else state[0]
    T = inputs.size(0)
    front, back = [], []
    for t in range(T):
        s = forward_cell(inputs[t], s)
        front.append(s[0] if lstm else s)
    end = s
    for t in reversed(range(T)):
        s = backward_cell(inputs[t], s)
        back.insert(0, s[0] if lstm else s)
    outputs = torch.cat([torch.stack(front), torch.stack(back)], dim=2)
    if lstm:
        return outputs, (torch.stack([end[0], s[0]]), torch.stack([end[1], s[1]]))
    return outputs, torch.stack([end, s])
