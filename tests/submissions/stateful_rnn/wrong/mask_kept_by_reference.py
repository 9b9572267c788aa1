# wrong: the caller's mask is kept, so what the caller writes into it later counts
# misconception: none
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self._last = None
        self._fresh = None

    @property
    def state(self):
        if self._last is None or self._fresh is None:
            return self._last
        if isinstance(self._last, tuple):
            return tuple(torch.where(self._fresh[:, None], 0.0, s) for s in self._last)
        return torch.where(self._fresh[:, None], 0.0, self._last)

    def _batch(self):
        return self._last[0].size(1) if isinstance(self._last, tuple) else self._last.size(1)

    def forward(self, inputs):
        if self._last is not None and self._batch() != inputs.size(1):
            raise ValueError("batch size changed")
        outputs, state = self.rnn(inputs, self.state)
        self._last = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        self._fresh = None
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._last = self._fresh = None
        elif self._last is not None:
            if mask.shape != (self._batch(),):
                raise ValueError("mask must have shape (B,)")
            self._fresh = mask if self._fresh is None else self._fresh | mask
