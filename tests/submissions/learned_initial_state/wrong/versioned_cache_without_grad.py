# wrong: keeps the last state that was made without a graph
# misconception: none
import torch
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        w = rnn.weight_ih_l0
        rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.lstm = isinstance(rnn, nn.LSTM)
        self.h0 = nn.Parameter(torch.zeros(rows, 1, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device))
        if self.lstm:
            self.c0 = nn.Parameter(torch.zeros(rows, 1, rnn.hidden_size, dtype=w.dtype, device=w.device))
        self._cache = {}

    def _spread(self, name, batch_size):
        p = getattr(self, name)
        if torch.is_grad_enabled():
            return p.repeat(1, batch_size, 1)
        key = (batch_size, p._version, p.data_ptr(), p.dtype, p.device)
        if name not in self._cache or self._cache[name][0] != key:
            self._cache[name] = key, p.repeat(1, batch_size, 1)
        return self._cache[name][1].clone()

    def forward(self, batch_size):
        h = self._spread("h0", batch_size)
        return (h, self._spread("c0", batch_size)) if self.lstm else h
