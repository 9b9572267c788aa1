# wrong: a tuple or list with one item comes back as that item
# misconception: none
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, (list, tuple)):
        parts = [detach_state(v) for v in state]
        if hasattr(state, "_fields"):
            return type(state)(*parts)
        return parts[0] if len(parts) == 1 else type(state)(parts)
    return None
