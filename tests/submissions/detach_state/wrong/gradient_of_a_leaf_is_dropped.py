# (1) The mistake: "to free memory" the gradient that has gathered on a leaf (a learned initial state) is
#     dropped when the leaf is detached: .grad of the caller's tensor is None after the call.
# (2) Breaks: "The argument is untouched" ("It is left as it was").
# (3) Shown by: h0 = nn.Parameter(...); rnn(x, h0)[0].sum().backward(); detach_state(h0); h0.grad is None.
import torch


def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        if state.is_leaf and state.grad is not None:
            state.grad = None
        return state.detach()
    if isinstance(state, dict):
        return type(state)((key, detach_state(value)) for key, value in state.items())
    values = [detach_state(value) for value in state]
    if isinstance(state, list):
        return values
    return state._make(values) if hasattr(state, "_make") else tuple(values)
