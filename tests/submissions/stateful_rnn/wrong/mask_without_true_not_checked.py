# wrong: a mask without any True returns early, in front of the check of its shape.
# (2) BREAKS: "a mask of the wrong shape ... is a ValueError".
# (3) SHOWN BY: B = 3, reset(torch.zeros(5, dtype=torch.bool)): no error.
from torch import nn


def cut(state):
    if isinstance(state, tuple):
        return tuple(s.detach() for s in state)
    return state.detach()


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

    def _batch_size(self):
        h = self._state[0] if isinstance(self._state, tuple) else self._state
        return h.size(1)

    def forward(self, inputs):
        if self._state is not None and inputs.size(1) != self._batch_size():
            raise ValueError(f"the batch had {self._batch_size()} sequences, now it has {inputs.size(1)}")
        outputs, state = self.rnn(inputs, self._state)
        self._state = cut(state)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
            return
        if self._state is None or not mask.any():
            return  # nothing to do
        if mask.shape != (self._batch_size(),):
            raise ValueError(f"the mask must have the shape ({self._batch_size()},)")
        mask = mask.view(1, -1, 1)
        if isinstance(self._state, tuple):
            self._state = tuple(s.masked_fill(mask, 0) for s in self._state)
        else:
            self._state = self._state.masked_fill(mask, 0)
