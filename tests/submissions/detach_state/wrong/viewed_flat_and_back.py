# wrong: it flattens by view, which fails where memory is not contiguous
# misconception: none
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        flat = state.view(-1).detach()
        return flat.view(state.shape)
    if isinstance(state, dict):
        return type(state)((key, detach_state(state[key])) for key in state)
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return type(state)(*[detach_state(x) for x in state])
    if isinstance(state, (tuple, list)):
        return type(state)([detach_state(x) for x in state])
    return state
