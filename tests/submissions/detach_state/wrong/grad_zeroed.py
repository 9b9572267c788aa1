# wrong: "zeroes the gradient" of leaves on the way, in the caller's own tensors
# misconception: none
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        if state.is_leaf and state.requires_grad:
            state.grad = torch.zeros_like(state)
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
