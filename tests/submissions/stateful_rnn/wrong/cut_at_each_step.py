# wrong: the state is cut after every time step inside a call, so gradients reach one step only
# misconception: cut_within_call
import torch
from torch import nn


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
        if self._state is not None and self._batch() != inputs.size(1):
            raise ValueError("batch size changed")
        state, steps = self._state, []
        for x in inputs:
            output, state = self.rnn(x.unsqueeze(0), state)
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            steps.append(output)
        self._state = state
        return torch.cat(steps)

    def reset(self, mask=None):
        if mask is None:
            self._state = None
        elif self._state is not None:
            if mask.shape != (self._batch(),):
                raise ValueError("mask must have shape (B,)")
            if isinstance(self._state, tuple):
                self._state = tuple(s.masked_fill(mask[:, None], 0) for s in self._state)
            else:
                self._state = self._state.masked_fill(mask[:, None], 0)
