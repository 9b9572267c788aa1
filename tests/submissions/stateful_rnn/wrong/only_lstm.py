# wrong: the state is always unpacked into h and c, which a GRU or RNN has not
# misconception: none
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
        if self._state is not None and self._state[0].size(1) != inputs.size(1):
            raise ValueError("batch size changed")
        outputs, (h, c) = self.rnn(inputs, self._state)
        self._state = (h.detach(), c.detach())
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
        elif self._state is not None:
            h, c = self._state
            if mask.shape != (h.size(1),):
                raise ValueError("mask must have shape (B,)")
            m = mask.unsqueeze(-1)
            self._state = (h.masked_fill(m, 0), c.masked_fill(m, 0))
