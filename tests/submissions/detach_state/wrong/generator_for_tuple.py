# wrong: round brackets around a comprehension make a generator, not a tuple
# misconception: none
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, list):
        return [detach_state(v) for v in state]
    if hasattr(state, "_fields"):
        return state._make(detach_state(v) for v in state)
    return (detach_state(v) for v in state)
