# wrong: a container without attached tensors is returned itself instead of a new one
# misconception: none
import torch


def has_graph(state):
    if isinstance(state, torch.Tensor):
        return state.requires_grad
    if isinstance(state, dict):
        return any(has_graph(v) for v in state.values())
    if isinstance(state, (list, tuple)):
        return any(has_graph(v) for v in state)
    return False


def detach_state(state):
    if not has_graph(state):
        return state  # nothing to do
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
