# wrong: type(state) == torch.Tensor misses nn.Parameter
# misconception: exact_type_test
import torch


def detach_state(state):
    if type(state) == torch.Tensor:
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return type(state)(*[detach_state(v) for v in state])
    if isinstance(state, (tuple, list)):
        return type(state)([detach_state(v) for v in state])
    return state
