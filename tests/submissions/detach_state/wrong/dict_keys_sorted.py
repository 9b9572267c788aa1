# wrong: dicts are rebuilt in the order of their sorted keys
# misconception: none
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        new = type(state)()
        for key in sorted(state, key=str):
            new[key] = detach_state(state[key])
        return new
    if isinstance(state, (list, tuple)):
        parts = [detach_state(v) for v in state]
        return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
    return state
