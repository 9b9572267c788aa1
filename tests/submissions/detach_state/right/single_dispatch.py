# right: functools.singledispatch, one function registered for each type
from collections import OrderedDict
from functools import singledispatch

import torch


@singledispatch
def detach_state(state):
    raise TypeError(f"cannot detach a {type(state).__name__}")


@detach_state.register
def _(state: None):
    return None


@detach_state.register
def _(state: torch.Tensor):
    return state.detach()


@detach_state.register
def _(state: list):
    return [detach_state(item) for item in state]


@detach_state.register
def _(state: tuple):
    items = tuple(detach_state(item) for item in state)
    return type(state)(*items) if hasattr(state, "_fields") else items


@detach_state.register
def _(state: dict):
    return {key: detach_state(value) for key, value in state.items()}


@detach_state.register
def _(state: OrderedDict):
    return OrderedDict((key, detach_state(value)) for key, value in state.items())
