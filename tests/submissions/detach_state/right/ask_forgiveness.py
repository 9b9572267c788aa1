# right: try/except instead of type tests for the leaves
import torch


def detach_state(state):
    if state is None:
        return state
    try:
        return torch.Tensor.detach(state)
    except TypeError:
        pass
    if isinstance(state, dict):
        fresh = type(state)()
        fresh.update((k, detach_state(v)) for k, v in state.items())
        return fresh
    parts = [detach_state(part) for part in state]
    try:
        return state._make(parts)
    except AttributeError:
        return type(state)(parts)
