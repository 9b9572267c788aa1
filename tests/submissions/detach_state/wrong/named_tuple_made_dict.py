# wrong: a named tuple comes back as the dict of its fields
# misconception: none
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if hasattr(state, "_asdict"):
        state = state._asdict()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    return type(state)(detach_state(v) for v in state)
