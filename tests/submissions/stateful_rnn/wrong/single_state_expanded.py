# wrong: the state of a batch of one is expanded to the new batch
# misconception: batch_size_broadcast
from torch import nn


def change(f, state):
    return tuple(f(s) for s in state) if isinstance(state, tuple) else f(state)


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
        state = self._state
        if state is not None:
            batch = inputs.size(1)
            if self._batch() == 1:
                state = change(lambda s: s.expand(-1, batch, -1).contiguous(), state)
            elif self._batch() != batch:
                raise ValueError(f"state is for {self._batch()} sequences, inputs have {batch}")
        outputs, state = self.rnn(inputs, state)
        self._state = change(lambda s: s.detach(), state)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
        elif self._state is not None:
            if mask.shape != (self._batch(),):
                raise ValueError("mask of another shape than (B,)")
            self._state = change(lambda s: s.masked_fill(mask[:, None], 0), self._state)
