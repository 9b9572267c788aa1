# wrong: switches gradients off for the whole program and never on again
# misconception: none
import torch


def detach_state(state):
    torch.set_grad_enabled(False)
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.clone()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
