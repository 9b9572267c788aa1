# wrong: only copies the containers, no tensor is detached
# misconception: nothing_done
import copy

import torch


def detach_state(state):
    if state is None or torch.is_tensor(state):
        return state
    if isinstance(state, tuple):
        parts = [detach_state(s) for s in state]
        return state._make(parts) if hasattr(state, "_make") else tuple(parts)
    new_state = copy.copy(state)
    return new_state
