# right: detach_() in place, but on a fresh clone of each tensor
import torch


def _cut(t):
    fresh = t.clone()
    fresh.detach_()
    return fresh


def detach_state(state):
    if torch.is_tensor(state):
        return _cut(state)
    if isinstance(state, dict):
        return type(state)(zip(state.keys(), map(detach_state, state.values())))
    if isinstance(state, list):
        return list(map(detach_state, state))
    if isinstance(state, tuple):
        parts = map(detach_state, state)
        if hasattr(type(state), "_make"):
            return type(state)._make(parts)
        return tuple(parts)
    assert state is None
    return None
