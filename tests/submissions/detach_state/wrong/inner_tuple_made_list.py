# wrong: the outermost tuple stays a tuple, the tuples inside it become lists
# misconception: tuple_made_list
import torch


def _walk(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, _walk(v)) for k, v in state.items())
    items = [_walk(v) for v in state]
    return type(state)(*items) if hasattr(state, "_fields") else items


def detach_state(state):
    result = _walk(state)
    if type(state) is tuple:
        result = tuple(result)
    return result
