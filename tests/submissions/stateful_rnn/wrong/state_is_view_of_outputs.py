# wrong: the state is a view of the outputs, and keeps all steps of them
# misconception: none
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional")
        self.rnn, self._state = rnn, None

    def _size(self):
        return (self._state[0] if isinstance(self._state, tuple) else self._state).size(1)

    def forward(self, inputs):
        if self._state is not None and inputs.size(1) != self._size():
            raise ValueError("batch size")
        out, new = self.rnn(inputs, self._state)
        if isinstance(new, tuple):
            self._state = tuple(s.detach() for s in new)
        elif self.rnn.num_layers == 1:
            self._state = out[-1:].detach()
        else:
            self._state = new.detach()
        return out

    def reset(self, mask=None):
        if mask is None:
            self._state = None
            return
        if self._state is None:
            return
        if mask.shape != (self._size(),):
            raise ValueError("mask")
        clear = lambda s: s.masked_fill(mask[:, None], 0)
        self._state = tuple(map(clear, self._state)) if isinstance(self._state, tuple) else clear(self._state)

    @property
    def state(self):
        return self._state
