# wrong: in a named tuple (h, c) only the first field is replaced
# misconception: only_h
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        first = state._fields[0]
        return state._replace(**{first: detach_state(state[0])})
    if isinstance(state, (list, tuple)):
        return type(state)(detach_state(s) for s in state)
    return state
