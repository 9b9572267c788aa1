# wrong: a named tuple without any field becomes a plain one
# misconception: named_tuple_made_plain
import torch


def cut(tensor):
    return tensor.detach()


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return cut(state)
    if isinstance(state, dict):
        return type(state)((key, detach_state(part)) for key, part in state.items())
    if getattr(state, "_fields", None):
        return type(state)(*[detach_state(part) for part in state])
    parts = [detach_state(part) for part in state]
    return parts if isinstance(state, list) else tuple(parts)
