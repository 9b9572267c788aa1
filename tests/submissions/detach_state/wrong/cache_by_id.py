# wrong: copies are cached by id(tensor), so a tensor that has changed gives its old values again
# misconception: none
import torch

_seen = {}


def detach_state(state):
    if isinstance(state, torch.Tensor):
        if id(state) not in _seen:
            _seen[id(state)] = state.detach().clone()
        return _seen[id(state)]
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, (list, tuple)):
        parts = [detach_state(v) for v in state]
        return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
    return state
