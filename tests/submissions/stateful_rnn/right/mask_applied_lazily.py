# right: the mask is remembered and applied whenever the state is read
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must not be bidirectional")
        self.rnn = rnn
        self._last = None  # the state after the last call
        self._fresh = None  # (B,), which sequences start anew

    @property
    def state(self):
        if self._last is None or self._fresh is None:
            return self._last
        fresh = self._fresh[:, None]
        if isinstance(self._last, tuple):
            return tuple(part.masked_fill(fresh, 0.0) for part in self._last)
        return self._last.masked_fill(fresh, 0.0)

    def forward(self, inputs):
        self._check((inputs.shape[1],))
        outputs, state = self.rnn(inputs, self.state)
        if isinstance(state, tuple):
            self._last = tuple(part.detach() for part in state)
        else:
            self._last = state.detach()
        self._fresh = None
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._last = None
            self._fresh = None
        elif self._last is not None:
            self._check(tuple(mask.shape))
            self._fresh = mask.clone() if self._fresh is None else self._fresh | mask

    def _check(self, shape):
        if self._last is None:
            return
        h = self._last[0] if isinstance(self._last, tuple) else self._last
        if shape != (h.shape[1],):
            raise ValueError(f"expected {h.shape[1]} sequences, got {shape}")
