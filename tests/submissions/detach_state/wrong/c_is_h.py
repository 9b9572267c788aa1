# wrong: copy-and-paste slip in the LSTM branch, c is made from h
# misconception: none
import torch


def detach_state(state):
    if state is None:
        return None
    if torch.is_tensor(state):
        return state.detach()
    if type(state) is tuple and len(state) == 2 and all(map(torch.is_tensor, state)):
        h, c = state
        h_new = detach_state(h)
        c_new = detach_state(h)
        return (h_new, c_new)
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
