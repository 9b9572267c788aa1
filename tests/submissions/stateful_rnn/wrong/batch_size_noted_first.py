# wrong: the batch size is noted before the rnn has accepted the inputs
# misconception: state_updated_before_error
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self.batch_size = None
        self._state = None

    @property
    def state(self):
        return self._state

    def forward(self, inputs):
        if self.batch_size is None:
            self.batch_size = inputs.size(1)
        elif inputs.size(1) != self.batch_size:
            raise ValueError(f"expected {self.batch_size} sequences, got {inputs.size(1)}")
        outputs, state = self.rnn(inputs, self._state)
        self._state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
            self.batch_size = None
        elif self._state is not None:
            if mask.shape != (self.batch_size,):
                raise ValueError(f"mask must have shape ({self.batch_size},)")
            if isinstance(self._state, tuple):
                self._state = tuple(s.masked_fill(mask[:, None], 0) for s in self._state)
            else:
                self._state = self._state.masked_fill(mask[:, None], 0)
