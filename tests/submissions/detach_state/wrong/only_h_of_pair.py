# wrong: of an LSTM pair (h, c) only h is detached
# misconception: only_h
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if type(state) is tuple and len(state) == 2 and all(torch.is_tensor(s) for s in state):
        h, c = state
        h = h.detach()
        return (h, c)
    items = [detach_state(s) for s in state]
    return type(state)(*items) if hasattr(state, "_fields") else type(state)(items)
