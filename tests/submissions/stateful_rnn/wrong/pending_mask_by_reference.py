# wrong: the mask is kept and applied later: who writes into it after the call changes who begins anew
"""A network that keeps its state between calls."""
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional")
        self.rnn = rnn
        self._state = None
        self._pending = []

    def _parts(self):
        return self._state if isinstance(self._state, tuple) else (self._state,)

    def forward(self, inputs):
        if self._state is not None and self._parts()[0].size(1) != inputs.size(1):
            raise ValueError("another batch size: reset() first")
        out, new = self.rnn(inputs, self.state)
        self._state = tuple(n.detach() for n in new) if isinstance(new, tuple) else new.detach()
        return out

    def reset(self, mask=None):
        if mask is None:
            self._state, self._pending = None, []
            return
        if self._state is None:
            return
        if mask.shape != self._parts()[0].shape[1:2]:
            raise ValueError("mask must be (B,)")
        self._pending.append(mask)

    @property
    def state(self):
        for mask in self._pending:
            wipe = lambda s: s.masked_fill(mask[None, :, None], 0)
            self._state = tuple(map(wipe, self._state)) if isinstance(self._state, tuple) else wipe(self._state)
        self._pending = []
        return self._state
