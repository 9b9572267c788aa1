# right: functional, with functools.reduce and an operator table
from collections.abc import Mapping
from functools import partial, reduce

from torch import Tensor


def detached(node):
    match node:
        case Tensor():
            return node.detach()
        case Mapping():
            return type(node)(zip(node.keys(), map(detached, node.values())))
        case tuple() if hasattr(type(node), "_fields"):
            return type(node)(*map(detached, node))
        case tuple() | list():
            return type(node)(map(detached, node))
        case _:
            return node


def mean_squared_error(prediction, target):
    return (prediction - target).square().mean()


def advance(model, optimizer, done, window):
    losses, state = done
    x, y = window
    optimizer.zero_grad()
    prediction, state = model(x, state)
    loss = mean_squared_error(prediction, y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    return losses, detached(state)


def train_truncated(model, optimizer, windows, state=None):
    return reduce(partial(advance, model, optimizer), windows, ([], state))
