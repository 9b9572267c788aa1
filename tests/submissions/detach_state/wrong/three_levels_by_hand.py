# wrong: no recursion, but one function a level, and there are three of them
# misconception: none
import torch


def over(state, change):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if state is None:
        return None
    if isinstance(state, dict):
        return type(state)((k, change(v)) for k, v in state.items())
    parts = [change(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)


def innermost(state):
    return over(state, lambda x: x.detach() if torch.is_tensor(x) else x)


def middle(state):
    return over(state, innermost)


def detach_state(state):
    return over(state, middle)
