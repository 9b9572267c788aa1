# wrong: tolist() and back loses the dtype (double becomes float)
# misconception: none
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return torch.tensor(state.tolist(), device=state.device)
    if isinstance(state, dict):
        return type(state)([(k, detach_state(v)) for k, v in state.items()])
    if isinstance(state, list):
        return [detach_state(v) for v in state]
    if isinstance(state, tuple):
        parts = [detach_state(v) for v in state]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    return state
