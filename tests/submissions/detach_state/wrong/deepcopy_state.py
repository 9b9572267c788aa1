# wrong: copy.deepcopy refuses tensors that were computed in a graph
# misconception: none
import copy

import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return copy.deepcopy(state).detach()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
