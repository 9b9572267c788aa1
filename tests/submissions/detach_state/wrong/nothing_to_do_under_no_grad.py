# (1) The mistake: "without gradients there is no graph": under torch.no_grad() the argument is handed back,
#     although its tensors were made before and still hang on the graph.
# (2) Breaks: "returns the same structure with the same values, cut from the graph"; "The containers are new".
# (3) Shown by: out, h = gru(x); with torch.no_grad(): h = detach_state(h); then h.requires_grad is True.
import torch


def detach_state(state):
    if state is None or not torch.is_grad_enabled():
        return state
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((key, detach_state(value)) for key, value in state.items())
    values = [detach_state(value) for value in state]
    if isinstance(state, list):
        return values
    return state._make(values) if hasattr(state, "_make") else tuple(values)
