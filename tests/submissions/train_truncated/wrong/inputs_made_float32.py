# wrong: hands the model its inputs in float32, whatever the model is
# misconception: none
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss
from torch.optim import Optimizer


def detached(state: Any) -> Any:
    """Return the same structure with the same values, cut from the graph."""
    if isinstance(state, Tensor):
        return state.detach()
    if isinstance(state, dict):
        return type(state)((key, detached(value)) for key, value in state.items())
    if hasattr(state, "_fields"):  # a named tuple
        return state._make(detached(value) for value in state)
    if isinstance(state, (tuple, list)):
        return type(state)(detached(value) for value in state)
    return state


def train_truncated(
    model: nn.Module,
    optimizer: Optimizer,
    windows: Iterable[tuple[Tensor, Tensor]],
    state: Any = None,
) -> tuple[list[float], Any]:
    """Train on a long sequence, one window at a time, with truncated BPTT.

    Args:
        model: called as `model(x.float(), state)`, returns `(prediction, state)`.
        optimizer: holds all of the model's parameters.
        windows: pairs `(x, y)` in the order of time, x (T, B, I) and y of the shape of
            the prediction; read once, one at a time.
        state: the state before the first window, detached: None, a tensor, or tuples,
            lists and dicts of these.

    Returns:
        The mean squared error of each window, before its update, and the state after
        the last window, cut from the graph.
    """
    losses: list[float] = []
    for x, y in windows:
        optimizer.zero_grad()
        prediction, state = model(x.float(), state)
        loss = mse_loss(prediction, y)
        loss.backward()
        optimizer.step()

        losses.append(loss.item())
        state = detached(state)  # the values go on, the graph ends here
    return losses, state
