# right: type-annotated, the state always a tuple inside, masked_fill
from __future__ import annotations

from typing import Optional, Tuple, Union

import torch
from torch import Tensor, nn

Recurrent = Union[nn.RNN, nn.GRU, nn.LSTM]
State = Union[Tensor, Tuple[Tensor, Tensor]]


class StatefulRNN(nn.Module):
    """Runs `rnn` over a stream that arrives in pieces."""

    rnn: Recurrent
    _parts: Optional[Tuple[Tensor, ...]]

    def __init__(self, rnn: Recurrent) -> None:
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn: expected one direction, got two")
        self.rnn = rnn
        self._parts = None

    @property
    def state(self) -> Optional[State]:
        if self._parts is None:
            return None
        if len(self._parts) == 1:
            return self._parts[0]
        return self._parts

    def forward(self, inputs: Tensor) -> Tensor:
        if self._parts is not None:
            expected: int = self._parts[0].shape[1]
            got: int = inputs.shape[1]
            if expected != got:
                raise ValueError(f"inputs: expected a batch of {expected}, got {got}; reset() first")
        outputs: Tensor
        state: State
        outputs, state = self.rnn(inputs, self.state)
        parts = (state,) if isinstance(state, Tensor) else tuple(state)
        self._parts = tuple(part.detach() for part in parts)
        return outputs

    def reset(self, mask: Optional[Tensor] = None) -> None:
        if mask is None:
            self._parts = None
        elif self._parts is not None:
            expected = torch.Size([self._parts[0].shape[1]])
            if mask.shape != expected:
                raise ValueError(f"mask: expected shape {tuple(expected)}, got {tuple(mask.shape)}")
            column = mask.view(1, -1, 1)
            self._parts = tuple(part.masked_fill(column, 0.0) for part in self._parts)
