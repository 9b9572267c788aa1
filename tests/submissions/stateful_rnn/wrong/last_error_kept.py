# wrong: the exception of a wrong call is kept, and with its frames the inputs
# misconception: none
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional")
        self.rnn = rnn
        self._state = None
        self.last_error = None

    def _parts(self):
        return list(self._state) if isinstance(self._state, tuple) else [self._state]

    def forward(self, inputs):
        if self._state is not None and self._parts()[0].shape[1] != inputs.shape[1]:
            raise ValueError("call reset() before changing the batch size")
        try:
            outputs, state = self.rnn(inputs, self._state)
        except Exception as error:
            self.last_error = error
            raise
        if isinstance(state, tuple):
            self._state = tuple(s.detach() for s in state)
        else:
            self._state = state.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
            self.last_error = None
        elif self._state is not None:
            parts = self._parts()
            if tuple(mask.shape) != (parts[0].shape[1],):
                raise ValueError("mask has the wrong shape")
            parts = [p.masked_fill(mask[None, :, None], 0) for p in parts]
            self._state = tuple(parts) if len(parts) == 2 else parts[0]

    @property
    def state(self):
        return self._state
