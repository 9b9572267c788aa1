# wrong: keys that are neither text nor numbers become text
# misconception: none
import torch


def cut(tensor):
    return tensor.detach()


def spelled(key):
    return key if isinstance(key, (str, int)) else str(key)


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return cut(state)
    if isinstance(state, dict):
        return type(state)((spelled(key), detach_state(part)) for key, part in state.items())
    if hasattr(state, "_fields"):
        return type(state)(*[detach_state(part) for part in state])
    return type(state)([detach_state(part) for part in state])
