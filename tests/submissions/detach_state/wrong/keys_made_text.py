# wrong: keys are written as text, so that the layers 0 and 1 become "0" and "1"
# misconception: none
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        new = type(state)()
        for key in state:
            new[f"{key}"] = detach_state(state[key])
        return new
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
