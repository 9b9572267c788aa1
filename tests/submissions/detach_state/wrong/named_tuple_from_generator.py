# wrong: type(state)(generator) is right for tuples but not for named tuples
# misconception: none
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    return type(state)(detach_state(v) for v in state)
