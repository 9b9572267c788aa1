# wrong: the spread state is cached per batch size, so it does not follow the optimizer
# misconception: cached_by_batch_size
from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import Enum, auto
from typing import Union

import torch
from torch import Tensor, nn

State = Union[Tensor, "tuple[Tensor, Tensor]"]
logger = logging.getLogger("initial_state")


class Kind(Enum):
    PLAIN = auto()
    LSTM = auto()


@dataclass(frozen=True)
class StateSpec:
    kind: Kind
    rows: int
    h_features: int
    c_features: int

    @classmethod
    def of(cls, rnn: nn.RNNBase) -> StateSpec:
        kind = Kind.LSTM if isinstance(rnn, nn.LSTM) else Kind.PLAIN
        rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
        return cls(kind, rows, rnn.proj_size or rnn.hidden_size, rnn.hidden_size)


class LearnedInitialState(nn.Module):
    h0: nn.Parameter
    c0: nn.Parameter

    def __init__(self, rnn: nn.RNNBase) -> None:
        super().__init__()
        self.spec = StateSpec.of(rnn)
        like = rnn.weight_ih_l0
        factory = {"dtype": like.dtype, "device": like.device}
        self.h0 = nn.Parameter(torch.empty(self.spec.rows, 1, self.spec.h_features, **factory))
        if self.spec.kind is Kind.LSTM:
            self.c0 = nn.Parameter(torch.empty(self.spec.rows, 1, self.spec.c_features, **factory))
        self.cache: dict[int, State] = {}
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for name, parameter in self.named_parameters(recurse=False):
            logger.debug("zeroing %s", name)
            nn.init.zeros_(parameter)

    def _spread(self, parameter: Tensor, batch_size: int) -> Tensor:
        return parameter.expand(-1, batch_size, -1).contiguous()

    def forward(self, batch_size: int) -> State:
        if batch_size not in self.cache:
            self.cache[batch_size] = self.build(batch_size)
        return self.cache[batch_size]

    def build(self, batch_size: int) -> State:
        match self.spec.kind:
            case Kind.PLAIN:
                return self._spread(self.h0, batch_size)
            case Kind.LSTM:
                return self._spread(self.h0, batch_size), self._spread(self.c0, batch_size)

    def extra_repr(self) -> str:
        return f"rows={self.spec.rows}, kind={self.spec.kind.name}"
