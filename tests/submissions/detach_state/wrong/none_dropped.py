# wrong: None items are left out of lists and tuples, so the structure gets shorter
# misconception: none
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
    return type(state)(detach_state(v) for v in state if v is not None)
