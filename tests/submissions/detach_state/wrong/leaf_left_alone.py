# wrong: detaches only what has a grad_fn, so leaf tensors that require grad stay as they are
# misconception: leaves_left
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        if state.grad_fn is not None:
            state = state.detach()
        return state
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, (list, tuple)):
        parts = [detach_state(v) for v in state]
        return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
    return state
