# wrong: the caller's own lists and dicts get the detached tensors
# misconception: none
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        for key in state:
            state[key] = detach_state(state[key])
        return state
    if isinstance(state, list):
        for i, item in enumerate(state):
            state[i] = detach_state(item)
        return state
    items = [detach_state(item) for item in state]
    return type(state)(*items) if hasattr(state, "_fields") else tuple(items)
