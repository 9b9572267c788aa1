# wrong: dicts are rebuilt from keyword arguments, which fails for keys that are not strings
# misconception: none
import torch


def detach_state(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)(**{k: detach_state(v) for k, v in state.items()})
    if isinstance(state, tuple) and hasattr(state, "_asdict"):
        return type(state)(**{k: detach_state(v) for k, v in state._asdict().items()})
    if isinstance(state, (list, tuple)):
        return type(state)(detach_state(v) for v in state)
    return state
