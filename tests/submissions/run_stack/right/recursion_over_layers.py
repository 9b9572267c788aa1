# right: recursion over the layers, the tail of the stack runs on the outputs of the head
import torch
from torch import Tensor, nn


def unroll(cell, inputs, s):
    outputs = []
    for x in inputs:
        s = cell(x, s)
        outputs.append(s if isinstance(s, Tensor) else s[0])
    return torch.stack(outputs), s


def climb(cells, inputs, states):
    if not cells:
        return inputs, []
    outputs, s = unroll(cells[0], inputs, states[0])
    top, rest = climb(cells[1:], outputs, states[1:])
    return top, [s] + rest


def run_stack(cells, inputs: Tensor, state=None):
    cells = list(cells)
    pair = isinstance(cells[0], nn.LSTMCell)
    if state is None:
        states = [None] * len(cells)
    else:
        states = list(zip(*state)) if pair else list(state)
    top, finals = climb(cells, inputs, states)
    if pair:
        return top, tuple(torch.stack(part) for part in zip(*finals))
    return top, torch.stack(finals)
