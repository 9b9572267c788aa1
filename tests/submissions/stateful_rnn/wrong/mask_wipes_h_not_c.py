# wrong: reset(mask) of an LSTM zeroes h and leaves c
# misconception: mask_leaves_c
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

    def _hidden(self):
        return self._state[0] if isinstance(self._state, tuple) else self._state

    def forward(self, inputs):
        if self._state is not None and self._hidden().size(1) != inputs.size(1):
            raise ValueError("batch size changed")
        outputs, state = self.rnn(inputs, self._state)
        self._state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
        elif self._state is not None:
            hidden = self._hidden()
            if mask.shape != (hidden.size(1),):
                raise ValueError("mask must have shape (B,)")
            hidden = hidden.masked_fill(mask.unsqueeze(-1), 0)
            if isinstance(self._state, tuple):
                self._state = (hidden, self._state[1])
            else:
                self._state = hidden
