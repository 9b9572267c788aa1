# wrong: deepcopy with the tensors replaced hands back a tuple in which none was replaced, such as (None, None)
# misconception: none
import copy

import torch


def tensors(state):
    if isinstance(state, torch.Tensor):
        yield state
    elif state is not None:
        for part in state.values() if isinstance(state, dict) else state:
            yield from tensors(part)


def detach_state(state):
    return copy.deepcopy(state, {id(tensor): tensor.detach() for tensor in tensors(state)})
