# wrong: the property shows a cut state, the next call gets the attached one
# misconception: never_cut
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("only unidirectional rnns can be stateful")
        self.rnn = rnn
        self._state = None

    @property
    def state(self):
        if self._state is None:
            return None
        if isinstance(self._state, tuple):
            return tuple(s.detach() for s in self._state)
        return self._state.detach()

    def _batch_size(self):
        return self._state[0].size(1) if isinstance(self._state, tuple) else self._state.size(1)

    def forward(self, inputs):
        if self._state is not None and self._batch_size() != inputs.size(1):
            raise ValueError(f"batch size {inputs.size(1)} != {self._batch_size()}")
        outputs, self._state = self.rnn(inputs, self._state)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
        elif self._state is not None:
            if mask.shape != (self._batch_size(),):
                raise ValueError(f"mask shape {tuple(mask.shape)} != ({self._batch_size()},)")
            m = mask.unsqueeze(1)
            if isinstance(self._state, tuple):
                self._state = tuple(s.masked_fill(m, 0.0) for s in self._state)
            else:
                self._state = self._state.masked_fill(m, 0.0)
