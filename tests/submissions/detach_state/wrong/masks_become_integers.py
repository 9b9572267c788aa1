# (1) The mistake: the values are copied by multiplying by 1, which makes integers of booleans.
# (2) Breaks: "the same values" ("the same shape, dtype and device in every tensor").
# (3) Shown by: detach_state((h, finished)) with a boolean mask `finished`: it comes back as int64.
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach() * 1  # a copy, so that it shares nothing with the window before
    if isinstance(state, dict):
        return type(state)((key, detach_state(value)) for key, value in state.items())
    if isinstance(state, list):
        return [detach_state(element) for element in state]
    elements = [detach_state(element) for element in state]
    return state._make(elements) if hasattr(state, "_make") else tuple(elements)
