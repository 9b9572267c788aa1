# right: copy.copy of each container, then its items are replaced in the copy
import copy

import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, tuple):
        if hasattr(state, "_fields"):
            return state._replace(**{f: detach_state(v) for f, v in zip(state._fields, state)})
        return tuple(detach_state(list(state)))
    new = copy.copy(state)
    keys = new.keys() if isinstance(new, dict) else range(len(new))
    for key in keys:
        new[key] = detach_state(new[key])
    return new
