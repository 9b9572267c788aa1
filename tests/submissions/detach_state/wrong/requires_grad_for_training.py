# wrong: every floating-point tensor is made a new leaf that requires grad "so that training goes on"
# misconception: requires_grad_again
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        new = state.detach()
        if new.is_floating_point():
            new.requires_grad = True
        return new
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, list):
        return [detach_state(v) for v in state]
    if isinstance(state, tuple):
        parts = tuple(detach_state(v) for v in state)
        return type(state)(*parts) if hasattr(state, "_fields") else parts
    return state
