# wrong: the state keeps its graph
# misconception: never_cut
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

    def batch_size(self):
        h = self._state[0] if isinstance(self._state, tuple) else self._state
        return h.shape[1]

    def forward(self, inputs):
        if self._state is not None and inputs.shape[1] != self.batch_size():
            raise ValueError(f"expected batch size {self.batch_size()}, got {inputs.shape[1]}")
        outputs, self._state = self.rnn(inputs, self._state)
        return outputs

    def reset(self, mask=None):
        if mask is None or self._state is None:
            self._state = None
            return
        if tuple(mask.shape) != (self.batch_size(),):
            raise ValueError(f"expected a mask of shape ({self.batch_size()},)")
        if isinstance(self._state, tuple):
            self._state = tuple(s.masked_fill(mask[:, None], 0) for s in self._state)
        else:
            self._state = self._state.masked_fill(mask[:, None], 0)
