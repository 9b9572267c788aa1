# wrong: h of an LSTM is detached, c is not
# misconception: cut_only_h
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must not be bidirectional")
        self.rnn = rnn
        self._state = None

    @property
    def state(self):
        return self._state

    def forward(self, inputs):
        if self._state is not None:
            h = self._state[0] if isinstance(self._state, tuple) else self._state
            if h.size(1) != inputs.size(1):
                raise ValueError("batch size changed")
        outputs, state = self.rnn(inputs, self._state)
        if isinstance(state, tuple):
            h, c = state
            self._state = (h.detach(), c)
        else:
            self._state = state.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
            return
        if self._state is None:
            return
        h = self._state[0] if isinstance(self._state, tuple) else self._state
        if mask.shape != (h.size(1),):
            raise ValueError("mask must have shape (B,)")
        if isinstance(self._state, tuple):
            self._state = tuple(torch.where(mask[:, None], 0.0, s) for s in self._state)
        else:
            self._state = torch.where(mask[:, None], 0.0, self._state)
