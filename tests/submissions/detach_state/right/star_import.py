# right: star imports from torch, elif chain
from torch import *
from torch import nn
from collections import *


def detach_state(state):
    if isinstance(state, Tensor):
        result = state.detach()
    elif isinstance(state, OrderedDict):
        result = OrderedDict()
        for key, value in state.items():
            result[key] = detach_state(value)
    elif isinstance(state, dict):
        result = {}
        for key, value in state.items():
            result[key] = detach_state(value)
    elif isinstance(state, list):
        result = [detach_state(value) for value in state]
    elif isinstance(state, tuple):
        result = tuple([detach_state(value) for value in state])
        if hasattr(state, "_fields"):
            result = state.__class__(*result)
    else:
        result = None
    return result
