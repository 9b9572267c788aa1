# wrong: values are clamped to [-1, 1], which the c of an LSTM may leave
# misconception: none
import torch


def cut(x):
    x = x.detach()
    return x.clamp(-1, 1) if x.is_floating_point() else x


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return cut(state)
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
