# wrong: update() writes into the caller's dict and a copy of it is returned
# misconception: none
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        state.update({k: detach_state(v) for k, v in state.items()})
        return state.copy()
    if isinstance(state, list):
        return [detach_state(v) for v in state]
    if isinstance(state, tuple):
        parts = [detach_state(v) for v in state]
        return state._make(parts) if hasattr(state, "_make") else tuple(parts)
    return state
