# wrong: cloned in inference mode; such tensors can't take part in a later graph
# misconception: none
import torch


@torch.inference_mode()
def detach_state(state):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.clone()
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    parts = [detach_state(v) for v in state]
    return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
