# right: short and plain, torch.where for the mask
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("a bidirectional rnn cannot be run as a stream")
        self.rnn = rnn
        self._state = None

    @property
    def state(self):
        return self._state

    def forward(self, inputs):
        if self._state is not None and inputs.size(1) != self._batch_size():
            raise ValueError(f"expected {self._batch_size()} sequences, got {inputs.size(1)}")
        outputs, state = self.rnn(inputs, self._state)
        if isinstance(state, tuple):
            self._state = tuple(s.detach() for s in state)
        else:
            self._state = state.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
            return
        if self._state is None:
            return
        if mask.shape != (self._batch_size(),):
            raise ValueError(f"mask must have shape ({self._batch_size()},), got {tuple(mask.shape)}")
        fresh = mask.unsqueeze(-1)
        if isinstance(self._state, tuple):
            self._state = tuple(torch.where(fresh, 0.0, s) for s in self._state)
        else:
            self._state = torch.where(fresh, 0.0, self._state)

    def _batch_size(self):
        h = self._state[0] if isinstance(self._state, tuple) else self._state
        return h.size(1)
