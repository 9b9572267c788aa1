# wrong: torch.where with the two values swapped
# misconception: mask_inverted
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn is bidirectional")
        self.rnn = rnn
        self._state = None

    @property
    def state(self):
        return self._state

    @property
    def batch_size(self):
        return self._state[0].size(1) if isinstance(self._state, tuple) else self._state.size(1)

    def forward(self, inputs):
        if self._state is not None and self.batch_size != inputs.size(1):
            raise ValueError(f"expected {self.batch_size} sequences, got {inputs.size(1)}")
        outputs, state = self.rnn(inputs, self._state)
        self._state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
        elif self._state is not None:
            if mask.shape != (self.batch_size,):
                raise ValueError(f"expected a mask of shape ({self.batch_size},)")
            m = mask.view(1, -1, 1)
            if isinstance(self._state, tuple):
                self._state = tuple(torch.where(m, s, torch.zeros_like(s)) for s in self._state)
            else:
                self._state = torch.where(m, self._state, torch.zeros_like(self._state))
