# right: recursion on halves of the sequence, the backward state comes in from the right
import torch
from torch import Tensor


def go(fc, bc, inputs, f, b):
    """state f enters at the left end, state b at the right end; returns outputs and both states at the far ends"""
    if len(inputs) == 1:
        f, b = fc(inputs[0], f), bc(inputs[0], b)
        return [f if isinstance(f, Tensor) else f[0]], f, [b if isinstance(b, Tensor) else b[0]], b
    left, right = inputs.tensor_split(2)
    f_left, f = forward_half(fc, left, f)
    f_right, f = forward_half(fc, right, f)
    b_right, b = backward_half(bc, right, b)
    b_left, b = backward_half(bc, left, b)
    return f_left + f_right, f, b_left + b_right, b


def forward_half(cell, inputs, s):
    if len(inputs) == 1:
        s = cell(inputs[0], s)
        return [s if isinstance(s, Tensor) else s[0]], s
    left, right = inputs.tensor_split(2)
    first, s = forward_half(cell, left, s)
    second, s = forward_half(cell, right, s)
    return first + second, s


def backward_half(cell, inputs, s):
    if len(inputs) == 1:
        s = cell(inputs[0], s)
        return [s if isinstance(s, Tensor) else s[0]], s
    left, right = inputs.tensor_split(2)
    second, s = backward_half(cell, right, s)
    first, s = backward_half(cell, left, s)
    return first + second, s


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    if state is None:
        f = b = None
    elif isinstance(state, Tensor):
        f, b = state.unbind(0)
    else:
        f, b = (state[0][0], state[1][0]), (state[0][1], state[1][1])
    fs, f, bs, b = go(forward_cell, backward_cell, inputs, f, b)
    outputs = torch.cat((torch.stack(fs), torch.stack(bs)), dim=2)
    if isinstance(f, Tensor):
        return outputs, torch.stack((f, b))
    return outputs, (torch.stack((f[0], b[0])), torch.stack((f[1], b[1])))
