# wrong: the mask is applied at the start of the next call, so state still shows the old values
# misconception: none
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self._state = None
        self._fresh = None

    @property
    def state(self):
        return self._state

    def _batch(self):
        return self._state[0].size(1) if isinstance(self._state, tuple) else self._state.size(1)

    def forward(self, inputs):
        state = self._state
        if state is not None:
            if self._batch() != inputs.size(1):
                raise ValueError("batch size changed")
            if self._fresh is not None:
                m = self._fresh[:, None]
                state = tuple(s.masked_fill(m, 0) for s in state) if isinstance(state, tuple) else state.masked_fill(m, 0)
        outputs, state = self.rnn(inputs, state)
        self._state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        self._fresh = None
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = self._fresh = None
        elif self._state is not None:
            if mask.shape != (self._batch(),):
                raise ValueError("mask must have shape (B,)")
            self._fresh = mask.clone() if self._fresh is None else self._fresh | mask
