# wrong: a named tuple comes back as a plain tuple
# misconception: named_tuple_made_plain
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    elif isinstance(state, tuple):
        return tuple(detach_state(v) for v in state)
    elif isinstance(state, list):
        return [detach_state(v) for v in state]
    elif isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    return state
