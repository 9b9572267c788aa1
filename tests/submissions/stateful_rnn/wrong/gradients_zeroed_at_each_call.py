# wrong: each call sets the gradients to zero that the caller has gathered
# misconception: none
import torch
from torch import nn


class StatefulRNN(nn.Module):
    """Stateful wrapper: keeps the hidden state between calls (truncated BPTT)."""

    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional RNNs can't carry their state")
        self.rnn = rnn
        self.lstm = isinstance(rnn, nn.LSTM)
        self._state = None

    @property
    def state(self):
        return self._state

    def forward(self, inputs):
        if self._state is not None:
            batch = (self._state[0] if self.lstm else self._state).shape[1]
            if batch != inputs.shape[1]:
                raise ValueError(f"batch size must stay {batch}")

        self.zero_grad()
        outputs, state = self.rnn(inputs, self._state)

        # truncate
        if self.lstm:
            self._state = (state[0].detach().clone(), state[1].detach().clone())
        else:
            self._state = state.detach().clone()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state = None
            return
        if self._state is None:
            return
        batch = (self._state[0] if self.lstm else self._state).shape[1]
        if mask.shape != (batch,):
            raise ValueError(f"mask must have the shape ({batch},)")
        mask = mask.view(1, batch, 1)
        if self.lstm:
            h, c = self._state
            self._state = (h.masked_fill(mask, 0), c.masked_fill(mask, 0))
        else:
            self._state = self._state.masked_fill(mask, 0)
