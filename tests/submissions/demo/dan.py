def detach_state(state):
    return state.detach(
