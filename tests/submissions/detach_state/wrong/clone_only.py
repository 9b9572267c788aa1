# wrong: clone() gives new memory but stays in the graph
# misconception: clone_without_detach
import torch


def detach_state(state):
    """Return an independent copy of the state."""
    if isinstance(state, torch.Tensor):
        return state.clone()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, list):
        return [detach_state(v) for v in state]
    if isinstance(state, tuple):
        values = tuple(detach_state(v) for v in state)
        return type(state)(*values) if hasattr(state, "_fields") else values
    return None
