# wrong: a guard against cycles: what was seen before is passed on as it is. A tensor that stands in the state
#     twice is detached the first time only.
# (2) Breaks: "cut from the graph: no grad_fn, requires_grad false" (every tensor), "The containers are new".
# (3) Shown by: detach_state((h, h)), an encoder's last state that is the first state of two decoders: the second is attached.
from torch import Tensor


def detach_state(state, seen=None):
    if seen is None:
        seen = set()
    if state is None:
        return None
    if id(state) in seen:
        return state
    seen.add(id(state))

    if isinstance(state, Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((key, detach_state(value, seen)) for key, value in state.items())
    values = [detach_state(value, seen) for value in state]
    if hasattr(state, "_fields"):
        return type(state)(*values)
    return type(state)(values)
