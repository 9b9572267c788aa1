# wrong: values go through float64, which rounds large integers
# misconception: none
import torch


def copy_of(x):
    values = x.detach().to(torch.complex128 if x.is_complex() else torch.float64)
    return values.to(x.dtype)


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return copy_of(state)
    if isinstance(state, dict):
        return type(state)([(k, detach_state(v)) for k, v in state.items()])
    if isinstance(state, list):
        return list(map(detach_state, state))
    if isinstance(state, tuple):
        new = map(detach_state, state)
        return type(state)._make(new) if hasattr(state, "_make") else tuple(new)
    return state
