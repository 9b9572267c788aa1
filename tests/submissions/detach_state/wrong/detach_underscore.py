# wrong: detach_() cuts the caller's own tensors
# misconception: detach_in_place
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach_()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(part) for part in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
