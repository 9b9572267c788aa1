# wrong: a registry at module level, keyed by the rnn
# misconception: state_shared
import torch
from torch import nn

_states = {}


class StatefulRNN(nn.Module):
    """Keeps its state out of the module, so that state_dict() stays clean."""

    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        _states[id(rnn)] = None

    @property
    def state(self):
        return _states[id(self.rnn)]

    def _check(self, size):
        h = self.state[0] if isinstance(self.state, tuple) else self.state
        if h is not None and size != (h.size(1),):
            raise ValueError(f"expected {h.size(1)} sequences, got {tuple(size)}")

    def forward(self, inputs):
        self._check((inputs.size(1),))
        outputs, state = self.rnn(inputs, self.state)
        _states[id(self.rnn)] = tuple(map(torch.detach, state)) if isinstance(state, tuple) else state.detach()
        return outputs

    def reset(self, mask=None):
        state = self.state
        if mask is None:
            _states[id(self.rnn)] = None
        elif state is not None:
            self._check(tuple(mask.shape))
            if isinstance(state, tuple):
                state = tuple(s.masked_fill(mask[:, None], 0) for s in state)
            else:
                state = state.masked_fill(mask[:, None], 0)
            _states[id(self.rnn)] = state
