# wrong: recursive in sequences, but a container inside a dict is passed on as it is
# misconception: first_level_only
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        new = type(state)()
        for name, value in state.items():
            new[name] = value.detach() if hasattr(value, "detach") else value
        return new
    if isinstance(state, list):
        return [detach_state(s) for s in state]
    if hasattr(state, "_fields"):
        return type(state)(*[detach_state(s) for s in state])
    return tuple(detach_state(s) for s in state)
