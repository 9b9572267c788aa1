# wrong: a list as default argument keeps the results of earlier calls
# misconception: none
import torch


def detach_all(items, result=[]):
    for item in items:
        result.append(detach_state(item))
    return result


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, list):
        return detach_all(state)
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
