# wrong: copy_() into a fresh tensor is recorded by autograd like any other operation
# misconception: clone_without_detach
import torch


def fresh(x):
    new = torch.empty_like(x)
    new.copy_(x)
    return new


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return fresh(state)
    if isinstance(state, dict):
        return type(state)([(k, detach_state(v)) for k, v in state.items()])
    new = [detach_state(v) for v in state]
    return state._make(new) if hasattr(state, "_make") else type(state)(new)
