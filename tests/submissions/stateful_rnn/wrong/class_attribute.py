# wrong: the state is assigned on the class
# misconception: state_shared
from torch import nn


class StatefulRNN(nn.Module):
    _state = None

    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        StatefulRNN._state = None

    @property
    def state(self):
        return StatefulRNN._state

    @classmethod
    def batch(cls):
        return cls._state[0].size(1) if isinstance(cls._state, tuple) else cls._state.size(1)

    def forward(self, inputs):
        if StatefulRNN._state is not None and self.batch() != inputs.size(1):
            raise ValueError("the batch size changed")
        outputs, state = self.rnn(inputs, StatefulRNN._state)
        if isinstance(state, tuple):
            StatefulRNN._state = (state[0].detach(), state[1].detach())
        else:
            StatefulRNN._state = state.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            StatefulRNN._state = None
        elif StatefulRNN._state is not None:
            if mask.shape != (self.batch(),):
                raise ValueError("wrong mask")
            m = mask[:, None]
            if isinstance(StatefulRNN._state, tuple):
                StatefulRNN._state = tuple(s.masked_fill(m, 0) for s in StatefulRNN._state)
            else:
                StatefulRNN._state = StatefulRNN._state.masked_fill(m, 0)
