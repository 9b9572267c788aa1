# wrong: the structure is rebuilt inside no_grad, but the tensors in it are the same attached ones
# misconception: nothing_done
import torch


def detach_state(state):
    with torch.no_grad():
        if state is None or isinstance(state, torch.Tensor):
            return state
        if isinstance(state, dict):
            return type(state)((k, detach_state(v)) for k, v in state.items())
        items = [detach_state(s) for s in state]
        if hasattr(state, "_fields"):
            return type(state)(*items)
        return type(state)(items)
