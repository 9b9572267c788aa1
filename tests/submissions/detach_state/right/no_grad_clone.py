# right: copies everything with clone() inside no_grad, nothing shared with the argument
import torch
from torch import Tensor


@torch.no_grad()
def detach_state(state):
    if isinstance(state, Tensor):
        return state.clone()
    elif isinstance(state, dict):
        copy = state.__class__()
        for name, value in state.items():
            copy[name] = detach_state(value)
        return copy
    elif isinstance(state, list):
        return [detach_state(s) for s in state]
    elif isinstance(state, tuple):
        items = [detach_state(s) for s in state]
        return type(state)(*items) if hasattr(state, "_fields") else tuple(items)
    return state
