# wrong: calls .detach() as a statement and returns the tensor it was called on
# misconception: result_not_used
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        state.detach()
        return state
    if isinstance(state, dict):
        return type(state)((key, detach_state(value)) for key, value in state.items())
    if hasattr(state, "_fields"):
        return type(state)(*[detach_state(value) for value in state])
    return type(state)([detach_state(value) for value in state])
