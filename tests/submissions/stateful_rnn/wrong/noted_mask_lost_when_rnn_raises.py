# MISTAKE: reset(mask) notes the mask, `state` shows it applied, and forward uses it - but forward drops the note before it
#   calls rnn. If rnn raises, the reset is forgotten: the sequences that should start anew have their old state again.
# BREAKS: "After an error the state is as it was before, whether you raised it or rnn did."
# SHOWN BY: model(x); model.reset([False, True, False]); a call with the wrong number of features (rnn raises);
#   model.state[:, 1] is no longer zero.
import torch
from torch import Tensor, nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("not for bidirectional networks")
        self.rnn = rnn
        self._last = None  # tuple of tensors
        self._mask = None  # to be applied

    @property
    def state(self):
        if self._last is None:
            return None
        like = next(self.rnn.parameters()).detach()
        parts = tuple(t.to(like) for t in self._last)
        if self._mask is not None:
            parts = tuple(t.masked_fill(self._mask.to(t.device)[:, None], 0) for t in parts)
        return parts if len(parts) == 2 else parts[0]

    def forward(self, inputs):
        if self._last is not None and self._last[0].shape[1] != inputs.shape[1]:
            raise ValueError("batch size has changed, call reset() first")
        start = self.state
        self._mask = None  # used up
        outputs, end = self.rnn(inputs, start)
        self._last = (end.detach(),) if isinstance(end, Tensor) else tuple(t.detach() for t in end)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self._last = self._mask = None
        elif self._last is not None:
            if mask.shape != (self._last[0].shape[1],):
                raise ValueError("mask must be (B,)")
            self._mask = mask.clone() if self._mask is None else self._mask | mask
