# wrong: the backward outputs are detached, so the loss does not train the backward cell through them
# misconception: backward_detached
import torch
from torch import nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    T = inputs.size(0)
    lstm = isinstance(forward_cell, nn.LSTMCell)
    f = b = None
    if state is not None:
        f, b = zip(*state) if lstm else state
    ys, zs = [], []
    for t in range(T):
        f = forward_cell(inputs[t], f)
        ys.append(f[0] if lstm else f)
        b = backward_cell(inputs[T - 1 - t], b)
        zs.append((b[0] if lstm else b).detach())
    outputs = torch.cat([torch.stack(ys), torch.stack(zs[::-1])], dim=-1)
    if lstm:
        return outputs, (torch.stack([f[0], b[0]]), torch.stack([f[1], b[1]]))
    return outputs, torch.stack([f, b])
