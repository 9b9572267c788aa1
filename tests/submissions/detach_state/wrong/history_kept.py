# wrong: every detached tensor is also kept in a module-level list "for plotting"
# misconception: none
import torch

history = []


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        out = state.detach()
        history.append(out)
        return out
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
