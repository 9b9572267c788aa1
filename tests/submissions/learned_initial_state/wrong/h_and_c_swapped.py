# wrong: returns (c, h) instead of (h, c)
# misconception: pair_swapped
import torch
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        self._rnn = (rnn,)      # in a tuple: nn.Module does not see it
        self.h0 = nn.Parameter(self._zeros(1, rnn.proj_size or rnn.hidden_size))
        if isinstance(rnn, nn.LSTM):
            self.c0 = nn.Parameter(self._zeros(1, rnn.hidden_size))

    def _zeros(self, batch, features):
        rnn = self._rnn[0]
        n = rnn.num_layers * 2 if rnn.bidirectional else rnn.num_layers
        return torch.zeros(n, batch, features, dtype=rnn.weight_ih_l0.dtype, device=rnn.weight_ih_l0.device)

    def _fill(self, parameter, batch):
        out = torch.zeros(parameter.size(0), batch, parameter.size(2), dtype=parameter.dtype, device=parameter.device)
        out += parameter
        return out

    def forward(self, batch_size):
        h = self._fill(self.h0, batch_size)
        if isinstance(self._rnn[0], nn.LSTM):
            return self._fill(self.c0, batch_size), h
        return h
