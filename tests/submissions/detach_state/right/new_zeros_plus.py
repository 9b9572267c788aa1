# right: new_zeros filled with the values slice by slice
import torch


def detach_state(state):
    if state is None:
        return None

    if isinstance(state, torch.Tensor):
        result = state.new_zeros(state.shape)
        result[...] = state.detach()
        return result

    kind = type(state)
    if issubclass(kind, dict):
        return kind((name, detach_state(part)) for name, part in state.items())

    parts = [detach_state(part) for part in state]
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return kind(*parts)
    return kind(parts)
