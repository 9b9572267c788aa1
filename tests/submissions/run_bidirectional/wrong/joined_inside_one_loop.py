# wrong: one loop joins what both cells say in the same round, so step t meets step T - 1 - t
# misconception: backward_not_turned_back
import torch
import torch.nn as nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    T = len(inputs)
    lstm = isinstance(forward_cell, nn.LSTMCell)
    f = b = None
    if state is not None:
        f, b = zip(*state) if lstm else state
    outputs = []
    for t in range(T):
        f = forward_cell(inputs[t], f)
        b = backward_cell(inputs[T - 1 - t], b)
        outputs.append(torch.cat([f[0], b[0]] if lstm else [f, b], dim=1))
    if lstm:
        return torch.stack(outputs), (torch.stack([f[0], b[0]]), torch.stack([f[1], b[1]]))
    return torch.stack(outputs), torch.stack([f, b])
