# wrong: None falls through to .detach()
# misconception: none_not_handled
def detach_state(state):
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, list):
        return [detach_state(v) for v in state]
    if isinstance(state, tuple):
        parts = [detach_state(v) for v in state]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    return state.detach()
