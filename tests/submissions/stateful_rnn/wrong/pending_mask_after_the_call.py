# wrong: the mask is applied after the next call, not before
# misconception: mask_one_call_late
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self._state = None
        self._pending = None

    @property
    def state(self):
        return self._state

    def _size(self):
        return self._state[0].size(1) if isinstance(self._state, tuple) else self._state.size(1)

    def forward(self, inputs):
        if self._state is not None and self._size() != inputs.size(1):
            raise ValueError("different batch size")
        outputs, state = self.rnn(inputs, self._state)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        if self._pending is not None:
            m = self._pending.unsqueeze(-1)
            if isinstance(state, tuple):
                state = tuple(s.masked_fill(m, 0) for s in state)
            else:
                state = state.masked_fill(m, 0)
            self._pending = None
        self._state = state
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
            self._pending = None
        elif self._state is not None:
            if mask.shape != (self._size(),):
                raise ValueError("mask has a wrong shape")
            self._pending = mask.clone()
