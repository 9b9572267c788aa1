# wrong: the state is put back where rnn raises a RuntimeError, and lost with any other error
# misconception: state_updated_before_error
import torch
from torch import nn
class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional: raise ValueError("bidirectional")
        self.rnn, self._s = rnn, None
    def forward(self, inputs):
        if self._s is not None and self._s[0].shape[1] != inputs.shape[1]: raise ValueError("batch")
        old, arg = self._s, self.state
        self._s = None                      # free the old one early
        try:
            out, s = self.rnn(inputs, arg)
        except RuntimeError:
            self._s = old
            raise
        self._s = tuple(p.detach() for p in (s if isinstance(s, tuple) else (s,)))
        return out
    def reset(self, mask=None):
        if mask is None: self._s = None
        elif self._s is not None:
            if mask.shape != (self._s[0].shape[1],): raise ValueError("mask")
            self._s = tuple(p.masked_fill(mask[:, None], 0) for p in self._s)
    @property
    def state(self):
        return None if self._s is None else self._s if len(self._s) == 2 else self._s[0]
