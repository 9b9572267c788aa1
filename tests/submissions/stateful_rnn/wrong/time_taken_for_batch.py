# wrong: the number of time steps is compared where the batch size was meant
# misconception: none
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self._state = None
        self._size = None

    @property
    def state(self):
        return self._state

    def forward(self, inputs):
        if self._state is not None and inputs.size(0) != self._size:
            raise ValueError(f"expected a batch of {self._size}, got {inputs.size(0)}")
        outputs, state = self.rnn(inputs, self._state)
        self._state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        self._size = inputs.size(0)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
        elif self._state is not None:
            h = self._state[0] if isinstance(self._state, tuple) else self._state
            if mask.shape != h.shape[1:2]:
                raise ValueError("mask must have shape (B,)")
            if isinstance(self._state, tuple):
                self._state = tuple(s.masked_fill(mask[:, None], 0) for s in self._state)
            else:
                self._state = self._state.masked_fill(mask[:, None], 0)
