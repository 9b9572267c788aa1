# wrong: in lists and dicts the detached tensor is bound to the loop variable and then lost
# misconception: result_not_used
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        new = type(state)(state)
        for key, value in new.items():
            value = detach_state(value)
        return new
    if isinstance(state, list):
        new = list(state)
        for item in new:
            item = detach_state(item)
        return new
    items = [detach_state(item) for item in state]
    return type(state)(*items) if hasattr(state, "_fields") else tuple(items)
