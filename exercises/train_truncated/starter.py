"""train_truncated: truncated backpropagation through time. Fill in the body."""

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer


def train_truncated(
    model: nn.Module,
    optimizer: Optimizer,
    windows: Iterable[tuple[Tensor, Tensor]],
    state: Any = None,
) -> tuple[list[float], Any]:
    """Train on one long sequence that comes in windows.

    Args:
        model: called as `model(x, state)`, returns `(prediction, state)`.
        optimizer: holds all of the model's parameters.
        windows: pairs `(x, y)` in the order of time, perhaps from a generator: x is
            (T, B, I), y has the shape of the prediction. T may change from window to
            window, and there may be no window at all.
        state: the state before the first window, already detached. It may be None, a
            tensor, or any nesting of tuples (named ones too), lists and dicts of these.

    Returns:
        losses: one Python float a window, the mean squared error before its update.
        state: the state after the last window, of the structure that the model gives,
            with no graph. With no windows, `([], state)`.

    Raises:
        Nothing of its own; what `model` or torch raises passes through.
    """
    raise NotImplementedError
