# wrong: goes through lists, in which a tensor without elements loses its shape
# misconception: none
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        if state.is_meta:
            return state.detach()
        return torch.tensor(state.tolist(), dtype=state.dtype, device=state.device)
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    new = [detach_state(v) for v in state]
    return type(state)(*new) if hasattr(state, "_fields") else type(state)(new)
