# wrong: a list of states (one per layer) is reset to zeros instead of detached
# misconception: zeros_for_values
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, list):
        new = []
        for s in state:
            if isinstance(s, torch.Tensor):
                new.append(s.new_zeros(s.size()))
            else:
                new.append(detach_state(s))
        return new
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, tuple):
        new = [detach_state(s) for s in state]
        return type(state)(*new) if hasattr(state, "_fields") else tuple(new)
    return None
