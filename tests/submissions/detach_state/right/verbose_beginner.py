# right: verbose beginner code with loops, .append and a branch for every container
import torch
import torch.nn as nn
import torch.nn.functional as F
from collections import OrderedDict


def detach_state(state):
    # case 1: there is no state yet
    if state is None:
        return None

    # case 2: a tensor (nn.Parameter is a tensor too)
    if isinstance(state, torch.Tensor):
        detached = state.detach()
        return detached

    # case 3: list
    if isinstance(state, list):
        new_list = []
        for i in range(len(state)):
            element = detach_state(state[i])
            new_list.append(element)
        return new_list

    # case 4: tuple, and a named tuple is a tuple with names
    if isinstance(state, tuple):
        new_list = []
        for i in range(len(state)):
            element = detach_state(state[i])
            new_list.append(element)
        if hasattr(state, "_fields"):
            return state._make(new_list)
        return tuple(new_list)

    # case 5: dictionaries
    if isinstance(state, OrderedDict):
        new_dict = OrderedDict()
    else:
        new_dict = {}
    for key in state.keys():
        new_dict[key] = detach_state(state[key])
    return new_dict
