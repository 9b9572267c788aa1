# wrong: what is empty is handed back as it is, so an empty list is the caller's own
# misconception: none
import torch


def detach_state(state):
    if torch.is_tensor(state):
        return state.detach()
    if state is None or len(state) == 0:
        return state
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
