# wrong: requires_grad_(False) on the caller's leaf tensors (a learned initial state stops learning)
# misconception: detach_in_place
import torch


def cut(t):
    if t.is_leaf:
        return t.requires_grad_(False)
    return t.detach()


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return cut(state)
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, list):
        return [detach_state(v) for v in state]
    if isinstance(state, tuple):
        items = [detach_state(v) for v in state]
        return type(state)(*items) if hasattr(state, "_fields") else tuple(items)
    return state
