# right: a generator lists the tensors, they are detached, then the structure is filled again
import torch


def leaves(state):
    if state is None:
        return
    if isinstance(state, torch.Tensor):
        yield state
    elif isinstance(state, dict):
        for value in state.values():
            yield from leaves(value)
    else:
        for value in state:
            yield from leaves(value)


def rebuild(state, tensors):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return next(tensors)
    if isinstance(state, dict):
        return type(state)((k, rebuild(v, tensors)) for k, v in state.items())
    values = [rebuild(v, tensors) for v in state]
    if hasattr(state, "_fields"):
        return type(state)(*values)
    return values if isinstance(state, list) else tuple(values)


def detach_state(state):
    tensors = [t.detach() for t in leaves(state)]
    return rebuild(state, iter(tensors))
