# wrong: "Tensors may be of any dtype" / "every tensor cut from the graph" -- dtypes that can have a graph are listed, and
# the halves of mixed precision are not in the list
import torch
from torch import Tensor

DIFFERENTIABLE = {torch.float32, torch.float64, torch.complex64, torch.complex128}


def detach_state(state):
    if isinstance(state, Tensor):
        return state.detach() if state.dtype in DIFFERENTIABLE else state
    if isinstance(state, dict):
        return type(state)((k, detach_state(v)) for k, v in state.items())
    if isinstance(state, (list, tuple)):
        vals = [detach_state(v) for v in state]
        return type(state)(*vals) if hasattr(state, "_fields") else type(state)(vals)
    return state
