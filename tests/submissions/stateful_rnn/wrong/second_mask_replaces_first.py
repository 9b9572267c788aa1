# wrong: of two masked resets in a row only the second one counts
# misconception: none
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self._last = None
        self._mask = None

    @property
    def state(self):
        if self._last is None or self._mask is None:
            return self._last
        m = self._mask.unsqueeze(-1)
        if isinstance(self._last, tuple):
            return tuple(s.masked_fill(m, 0) for s in self._last)
        return self._last.masked_fill(m, 0)

    def _batch(self):
        return self._last[0].size(1) if isinstance(self._last, tuple) else self._last.size(1)

    def forward(self, inputs):
        if self._last is not None and self._batch() != inputs.size(1):
            raise ValueError("batch size changed")
        outputs, state = self.rnn(inputs, self.state)
        self._last = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        self._mask = None
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._last = self._mask = None
        elif self._last is not None:
            if mask.shape != (self._batch(),):
                raise ValueError("mask must have shape (B,)")
            self._mask = mask.clone()
