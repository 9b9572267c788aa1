# right: over-engineered, enum, dataclass and an nn.Module wrapper around the cell
from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Union

import torch
from torch import Tensor, nn

State = Union[Tensor, tuple[Tensor, Tensor]]


class Kind(enum.Enum):
    SINGLE = 1
    PAIR = 2


@dataclass
class Trace:
    kind: Kind
    state: State | None
    outputs: list[Tensor] = field(default_factory=list)

    def push(self, state: State) -> None:
        self.state = state
        self.outputs.append(state[0] if self.kind is Kind.PAIR else state)

    def result(self) -> tuple[Tensor, State]:
        return torch.stack(self.outputs), self.state


class Unroller(nn.Module):
    def __init__(self, cell: nn.RNNCellBase) -> None:
        super().__init__()
        self.cell = cell
        self.kind = Kind.PAIR if isinstance(cell, nn.LSTMCell) else Kind.SINGLE

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        trace = Trace(self.kind, state)
        for x in inputs:
            trace.push(self.cell(x, trace.state))
        return trace.result()


def unroll(cell: nn.RNNCellBase, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
    return Unroller(cell)(inputs, state)
