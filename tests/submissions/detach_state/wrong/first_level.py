# wrong: detaches the tensors of the outermost container only
# misconception: first_level_only
import torch


def cut(x):
    return x.detach() if isinstance(x, torch.Tensor) else x


def detach_state(state):
    if isinstance(state, dict):
        return type(state)((k, cut(v)) for k, v in state.items())
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return type(state)(*map(cut, state))
    if isinstance(state, (tuple, list)):
        return type(state)(map(cut, state))
    return cut(state)
