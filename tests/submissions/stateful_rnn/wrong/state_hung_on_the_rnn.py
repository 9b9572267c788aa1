# wrong: the state is an attribute of the rnn, so two wrappers of one rnn share it
# misconception: none
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self.rnn.hidden = None

    @property
    def state(self):
        return self.rnn.hidden

    def _batch(self):
        return self.state[0].size(1) if isinstance(self.state, tuple) else self.state.size(1)

    def forward(self, inputs):
        if self.state is not None and self._batch() != inputs.size(1):
            raise ValueError("batch size changed")
        outputs, state = self.rnn(inputs, self.rnn.hidden)
        self.rnn.hidden = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.rnn.hidden = None
        elif self.state is not None:
            if mask.shape != (self._batch(),):
                raise ValueError("mask must have shape (B,)")
            if isinstance(self.state, tuple):
                self.rnn.hidden = tuple(s.masked_fill(mask[:, None], 0) for s in self.state)
            else:
                self.rnn.hidden = self.state.masked_fill(mask[:, None], 0)
