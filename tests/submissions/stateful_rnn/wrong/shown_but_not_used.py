# wrong: the property shows the reset state, the next call still starts from the old one
# misconception: mask_one_call_late
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional rnn")
        self.rnn = rnn
        self._state = None
        self._done = None

    def _map(self, f, state):
        return tuple(f(s) for s in state) if isinstance(state, tuple) else f(state)

    def _apply_done(self, state):
        if state is None or self._done is None:
            return state
        return self._map(lambda s: torch.where(self._done[:, None], torch.zeros_like(s), s), state)

    @property
    def state(self):
        return self._apply_done(self._state)

    def forward(self, inputs):
        if self._state is not None:
            h = self._state[0] if isinstance(self._state, tuple) else self._state
            if h.size(1) != inputs.size(1):
                raise ValueError(f"expected batch size {h.size(1)}")
        outputs, state = self.rnn(inputs, self._state)
        self._state = self._apply_done(self._map(lambda s: s.detach(), state))
        self._done = None
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._state, self._done = None, None
        elif self._state is not None:
            h = self._state[0] if isinstance(self._state, tuple) else self._state
            if mask.shape != (h.size(1),):
                raise ValueError(f"expected mask of shape ({h.size(1)},)")
            self._done = mask.clone() if self._done is None else self._done | mask
