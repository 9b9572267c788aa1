# wrong: the state keeps its graph until it is read, and the inputs with it
# misconception: none
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional")
        self.rnn = rnn
        self._last = None

    @property
    def state(self):
        if self._last is None:
            return None
        if isinstance(self._last, tuple):
            return tuple(part.detach() for part in self._last)
        return self._last.detach()

    def _batch(self):
        return (self._last[0] if isinstance(self._last, tuple) else self._last).shape[1]

    def forward(self, inputs):
        if self._last is not None and self._batch() != inputs.shape[1]:
            raise ValueError("another batch size")
        outputs, self._last = self.rnn(inputs, self.state)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._last = None
        elif self._last is not None:
            if mask.shape != (self._batch(),):
                raise ValueError("mask must be (B,)")
            state = self.state
            column = mask[None, :, None]
            if isinstance(state, tuple):
                self._last = tuple(part.masked_fill(column.to(part.device), 0) for part in state)
            else:
                self._last = state.masked_fill(column.to(state.device), 0)
