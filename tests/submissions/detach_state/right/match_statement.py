# right: structural pattern matching
import torch


def detach_state(state):
    match state:
        case None:
            return None
        case torch.Tensor():
            return state.detach().requires_grad_(False)
        case dict():
            cls = type(state)
            return cls([(k, detach_state(v)) for k, v in state.items()])
        case list():
            return [detach_state(v) for v in state]
        case tuple() if hasattr(state, "_fields"):
            return type(state)(**{f: detach_state(getattr(state, f)) for f in state._fields})
        case tuple():
            return tuple(detach_state(v) for v in state)
    raise TypeError(type(state))
