# right: plain Python over the sequences of the batch, warnings for odd calls
import warnings

import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional rnns need the whole sequence")
        self.rnn = rnn
        self._state = None

    @property
    def state(self):
        return self._state

    def forward(self, inputs):
        if self._state is not None:
            before = self._first().shape[1]
            if before != inputs.shape[1]:
                raise ValueError(f"batch size was {before}, is {inputs.shape[1]}; call reset() in between")
        outputs, state = self.rnn(inputs, self._state)
        if isinstance(self.rnn, nn.LSTM):
            h, c = state
            self._state = (h.detach(), c.detach())
        else:
            self._state = state.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
        elif self._state is None:
            warnings.warn("reset with a mask before the first call does nothing")
        else:
            if list(mask.shape) != [self._first().shape[1]]:
                raise ValueError(f"one flag a sequence, got {list(mask.shape)}")
            flags = mask.tolist()
            if isinstance(self._state, tuple):
                self._state = tuple(self._wipe(part, flags) for part in self._state)
            else:
                self._state = self._wipe(self._state, flags)

    def _first(self):
        return self._state[0] if isinstance(self._state, tuple) else self._state

    @staticmethod
    def _wipe(tensor, flags):
        columns = []
        for i, flag in enumerate(flags):
            column = tensor[:, i]
            columns.append(torch.zeros_like(column) if flag else column)
        return torch.stack(columns, dim=1)
