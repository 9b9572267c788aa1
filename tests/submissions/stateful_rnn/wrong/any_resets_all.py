# wrong: one True forgets the state of the whole batch
# misconception: whole_batch_reset
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self._state = None

    @property
    def state(self):
        return self._state

    def _batch(self):
        return self._state[0].size(1) if isinstance(self._state, tuple) else self._state.size(1)

    def forward(self, inputs):
        if self._state is not None and self._batch() != inputs.size(1):
            raise ValueError("batch size must stay the same")
        outputs, state = self.rnn(inputs, self._state)
        self._state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
        elif self._state is not None:
            if mask.shape != (self._batch(),):
                raise ValueError("mask must be of shape (B,)")
            if mask.any():
                if isinstance(self._state, tuple):
                    self._state = tuple(s.new_zeros(s.shape) for s in self._state)
                else:
                    self._state = self._state.new_zeros(self._state.shape)
