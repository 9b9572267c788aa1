# right: a tensor without a graph is passed on as it is, only attached ones are detached
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return state.detach() if state.requires_grad else state
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, (list, tuple)):
        values = [detach_state(v) for v in state]
        return type(state)(*values) if hasattr(state, "_fields") else type(state)(values)
    return state
