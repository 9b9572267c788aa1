# right: isinstance chain with asserts, demo code under __main__
import math
import os
import random

import torch
from torch import nn


def is_namedtuple(x):
    return isinstance(x, tuple) and hasattr(x, "_fields") and hasattr(x, "_make")


def detach_state(state):
    """Detach an RNN state of any structure."""
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        out = state.detach()
        assert out.grad_fn is None and not out.requires_grad
        return out
    if is_namedtuple(state):
        return type(state)._make(map(detach_state, state))
    if isinstance(state, dict):
        return type(state)({k: detach_state(v) for k, v in state.items()})
    return type(state)(map(detach_state, state))


if __name__ == "__main__":
    torch.manual_seed(0)
    lstm = nn.LSTM(3, 4, num_layers=2)
    out, state = lstm(torch.randn(5, 2, 3))
    h, c = detach_state(state)
    print(h.requires_grad, c.requires_grad)
    out.sum().backward()
    print(math.sqrt(sum(p.grad.pow(2).sum().item() for p in lstm.parameters())))
