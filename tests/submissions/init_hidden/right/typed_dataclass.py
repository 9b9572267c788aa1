# right: over-engineered, a frozen dataclass that plans the shapes, fully annotated
from __future__ import annotations

from dataclasses import dataclass
from typing import Union

import torch
from torch import Tensor, nn

RNNModule = Union[nn.RNN, nn.GRU, nn.LSTM]
State = Union[Tensor, tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class StatePlan:
    rows: int
    batch: int
    hidden: int
    projected: int
    dtype: torch.dtype
    device: torch.device

    @classmethod
    def of(cls, rnn: RNNModule, batch: int) -> StatePlan:
        weight: Tensor = rnn.weight_ih_l0
        rows = rnn.num_layers * (int(rnn.bidirectional) + 1)
        return cls(rows, batch, rnn.hidden_size, rnn.proj_size or rnn.hidden_size, weight.dtype, weight.device)

    def make(self, features: int) -> Tensor:
        return torch.zeros(self.rows, self.batch, features, dtype=self.dtype, device=self.device)


def init_hidden(rnn: RNNModule, batch_size: int) -> State:
    plan = StatePlan.of(rnn, batch_size)
    if isinstance(rnn, nn.LSTM):
        return plan.make(plan.projected), plan.make(plan.hidden)
    return plan.make(plan.hidden)
