# wrong: broadcast_to, which is a view with stride 0 and not contiguous
# misconception: expand_without_contiguous
import torch
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        w = rnn.weight_ih_l0
        n = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.h0 = nn.Parameter(w.new_zeros(n, 1, rnn.proj_size or rnn.hidden_size))
        self.lstm = isinstance(rnn, nn.LSTM)
        if self.lstm:
            self.c0 = nn.Parameter(w.new_zeros(n, 1, rnn.hidden_size))

    def forward(self, batch_size):
        h = torch.broadcast_to(self.h0, (self.h0.shape[0], batch_size, self.h0.shape[2]))
        if self.lstm:
            return h, torch.broadcast_to(self.c0, (self.c0.shape[0], batch_size, self.c0.shape[2]))
        return h
