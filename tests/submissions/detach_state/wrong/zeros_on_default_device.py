# wrong: the copy has the right dtype but is made on the default device
# misconception: none
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        new = torch.zeros(state.shape, dtype=state.dtype)
        new.copy_(state.detach())
        return new
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, (list, tuple)):
        parts = [detach_state(v) for v in state]
        return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
    return state
