# right: over-engineered, with a trainer class, a dataclass and type annotations
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Optional

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

State = Any
Window = tuple[Tensor, Tensor]


class StateCutter:
    """Rebuilds any nesting of containers with detached tensors."""

    def __call__(self, state: State) -> State:
        if isinstance(state, Tensor):
            return self.cut_tensor(state)
        if isinstance(state, dict):
            return state.__class__((name, self(part)) for name, part in state.items())
        if isinstance(state, tuple) and hasattr(state, "_make"):
            return state._make(map(self, state))
        if isinstance(state, (tuple, list)):
            return state.__class__(map(self, state))
        return state

    @staticmethod
    def cut_tensor(tensor: Tensor) -> Tensor:
        return tensor.detach()


@dataclass
class TruncatedTrainer:
    model: nn.Module
    optimizer: Optimizer
    criterion: nn.Module = field(default_factory=nn.MSELoss)
    cutter: StateCutter = field(default_factory=StateCutter)

    def step(self, window: Window, state: Optional[State]) -> tuple[float, State]:
        x, y = window
        self.optimizer.zero_grad(set_to_none=True)
        prediction, new_state = self.model(x, state)
        loss: Tensor = self.criterion(prediction, y)
        loss.backward()
        self.optimizer.step()
        return loss.item(), self.cutter(new_state)

    def fit(self, windows: Iterable[Window], state: Optional[State]) -> tuple[list[float], State]:
        losses: list[float] = []
        stream: Iterator[Window] = iter(windows)
        for window in stream:
            loss, state = self.step(window, state)
            losses.append(loss)
        return losses, state


def train_truncated(
    model: nn.Module, optimizer: Optimizer, windows: Iterable[Window], state: State = None
) -> tuple[list[float], State]:
    return TruncatedTrainer(model, optimizer).fit(windows, state)
