# wrong: only tuples and lists are taken apart, a dict is returned as it came
# misconception: dicts_left
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, (list, tuple)):
        parts = [detach_state(v) for v in state]
        return state._make(parts) if hasattr(state, "_make") else type(state)(parts)
    return state
