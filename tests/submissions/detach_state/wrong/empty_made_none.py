# wrong: "if not state" was meant for None, and takes empty containers too
# misconception: none
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if not state:
        return None
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
