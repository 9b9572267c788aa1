# wrong: a named tuple comes back as another class with the same name and fields
# misconception: named_tuple_made_plain
from collections import namedtuple

import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    values = [detach_state(v) for v in state]
    if hasattr(state, "_fields"):
        State = namedtuple(type(state).__name__, state._fields)
        return State(*values)
    return type(state)(values)
