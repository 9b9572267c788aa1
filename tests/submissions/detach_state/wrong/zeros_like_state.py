# wrong: forgets the state, zeros of the same shape instead of the values
# misconception: zeros_for_values
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return torch.zeros_like(state)
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(s) for s in state]
    return state._make(parts) if hasattr(state, "_make") else type(state)(parts)
