# wrong: gives the detached tensor the requires_grad of the old one
# misconception: requires_grad_again
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.clone().detach().requires_grad_(state.requires_grad)
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
