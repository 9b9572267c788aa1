# right: functools.singledispatch, one small function for each kind of state
import math
import os
from functools import singledispatch
from typing import Any

import torch
from torch import Tensor


@singledispatch
def detached(state: Any) -> Any:
    return state


@detached.register
def _(state: Tensor) -> Tensor:
    return state.detach()


@detached.register
def _(state: dict) -> dict:
    return type(state)((key, detached(value)) for key, value in state.items())


@detached.register
def _(state: list) -> list:
    return [detached(value) for value in state]


@detached.register
def _(state: tuple) -> tuple:
    values = [detached(value) for value in state]
    return type(state)(*values) if hasattr(state, "_fields") else tuple(values)


def train_truncated(model, optimizer, windows, state=None):
    losses: list[float] = []
    for x, y in windows:
        with torch.enable_grad():
            optimizer.zero_grad()
            prediction, state = model(x, state)
            loss = torch.nn.functional.mse_loss(prediction, y, reduction="mean")
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
        state = detached(state)
    return losses, state
