# wrong: cuts floating-point tensors only; complex ones stay in the graph
# misconception: nothing_done
import torch


def cut(tensor):
    return tensor.detach() if tensor.is_floating_point() else tensor


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
