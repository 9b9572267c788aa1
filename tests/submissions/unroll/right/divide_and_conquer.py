# right: recursion, the first half of the sequence hands its state to the second half
import torch
from torch import Tensor


def unroll(cell, inputs: Tensor, state=None):
    length = inputs.size(0)
    if length == 1:
        new_state = cell(inputs[0], state)
        h = new_state if isinstance(new_state, Tensor) else new_state[0]
        return h.unsqueeze(0), new_state
    middle = length // 2
    first, state = unroll(cell, inputs[:middle], state)
    second, state = unroll(cell, inputs[middle:], state)
    return torch.cat([first, second], dim=0), state
