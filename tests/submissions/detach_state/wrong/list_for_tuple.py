# wrong: every plain tuple comes back as a list
# misconception: tuple_made_list
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if hasattr(state, "_fields"):
        return type(state)(*[detach_state(v) for v in state])
    return [detach_state(v) for v in state]
