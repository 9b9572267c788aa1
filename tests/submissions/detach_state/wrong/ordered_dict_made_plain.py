# wrong: an OrderedDict comes back as a plain dict
# misconception: none
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return {key: detach_state(value) for key, value in state.items()}
    parts = [detach_state(value) for value in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
