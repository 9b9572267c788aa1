# right: lists and dicts are copied and filled anew, tuples made by tuple.__new__
import copy

import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, tuple):
        return tuple.__new__(type(state), map(detach_state, state))
    if isinstance(state, list):
        new = copy.copy(state)
        new[:] = [detach_state(part) for part in state]
        return new
    if isinstance(state, dict):
        new = copy.copy(state)
        for key, part in state.items():
            new[key] = detach_state(part)
        return new
    return state
