# wrong: the state is stored but never given to the rnn
# misconception: reset_each_call
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

    def forward(self, inputs):
        if self._state is not None and inputs.size(1) != self._first().size(1):
            raise ValueError("batch size changed without reset()")
        outputs, state = self.rnn(inputs)
        if isinstance(state, tuple):
            self._state = tuple(s.detach() for s in state)
        else:
            self._state = state.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
        elif self._state is not None:
            if mask.shape != (self._first().size(1),):
                raise ValueError("mask must be (B,)")
            fresh = mask.unsqueeze(-1)
            if isinstance(self._state, tuple):
                self._state = tuple(s.masked_fill(fresh, 0) for s in self._state)
            else:
                self._state = self._state.masked_fill(fresh, 0)

    def _first(self):
        return self._state[0] if isinstance(self._state, tuple) else self._state
