# wrong: asks for the class name "Tensor", so a Parameter is returned as it is
# misconception: exact_type_test
def detach_state(state):
    name = state.__class__.__name__
    if name == "Tensor":
        return state.detach()
    if name in ("dict", "OrderedDict"):
        return state.__class__((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, (list, tuple)):
        parts = [detach_state(p) for p in state]
        return state._make(parts) if hasattr(state, "_make") else state.__class__(parts)
    return state
