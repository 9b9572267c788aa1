# right: the values go through numpy
import torch


def cut(tensor):
    if tensor.is_meta:
        return tensor.detach()
    return torch.from_numpy(tensor.detach().cpu().numpy().copy()).to(tensor.device)


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return cut(state)
    if isinstance(state, dict):
        return type(state)((key, detach_state(part)) for key, part in state.items())
    if hasattr(state, "_fields"):
        return type(state)(*[detach_state(part) for part in state])
    return type(state)([detach_state(part) for part in state])
