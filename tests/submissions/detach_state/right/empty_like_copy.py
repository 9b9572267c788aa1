# right: writes the values in place into fresh tensors of the same dtype and device
import torch


def copy_of(x):
    out = torch.empty(x.size(), dtype=x.dtype, device=x.device)
    with torch.no_grad():
        out.copy_(x)
    return out


def detach_state(state):
    if state is None:
        return state
    if isinstance(state, torch.Tensor):
        return copy_of(state)
    if isinstance(state, dict):
        out = type(state)()
        for k, v in state.items():
            out[k] = detach_state(v)
        return out
    out = [None] * len(state)
    for i, v in enumerate(state):
        out[i] = detach_state(v)
    if isinstance(state, tuple):
        out = type(state)(*out) if hasattr(state, "_fields") else tuple(out)
    return out
