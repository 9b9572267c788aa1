# right: over-engineered, abstract base class, dataclass, annotated, one Layer object a cell
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass
class Layer(ABC):
    cell: nn.RNNCellBase
    state: Any = None

    def run(self, inputs: Tensor) -> Tensor:
        return torch.stack([self.advance(x) for x in inputs.unbind(dim=0)], dim=0)

    @abstractmethod
    def advance(self, x: Tensor) -> Tensor: ...


class PlainLayer(Layer):
    def advance(self, x: Tensor) -> Tensor:
        self.state = self.cell(x, self.state)
        return self.state


class PairLayer(Layer):
    def advance(self, x: Tensor) -> Tensor:
        self.state = self.cell(x, self.state)
        return self.state[0]


def run_stack(cells: Sequence[nn.RNNCellBase], inputs: Tensor, state=None) -> tuple[Tensor, Any]:
    pair = all(isinstance(cell, nn.LSTMCell) for cell in cells)
    layers = [PairLayer(cell) if pair else PlainLayer(cell) for cell in cells]
    if state is not None:
        for i, layer in enumerate(layers):
            layer.state = tuple(part[i] for part in state) if pair else state[i]
    hidden = inputs
    for layer in layers:
        hidden = layer.run(hidden)
    if pair:
        return hidden, tuple(torch.stack([layer.state[k] for layer in layers]) for k in range(2))
    return hidden, torch.stack([layer.state for layer in layers])
