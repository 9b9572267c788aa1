# right: an nn.Module whose forward detaches, grad mode switched off and put back by hand
import torch
import torch.nn as nn


class Detach(nn.Module):
    def forward(self, state):
        if state is None:
            return None
        if isinstance(state, torch.Tensor):
            return 1 * state if state.is_floating_point() else state.detach()
        if isinstance(state, dict):
            return type(state)((k, self(v)) for k, v in state.items())
        items = [self(v) for v in state]
        if isinstance(state, list):
            return items
        return type(state)(*items) if hasattr(state, "_fields") else tuple(items)


def detach_state(state):
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        return Detach()(state)
    finally:
        torch.set_grad_enabled(before)
