# right: short and plain, new_zeros for the parameters and repeat for the batch
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
        h = self.h0.repeat(1, batch_size, 1)
        if self.lstm:
            return h, self.c0.repeat(1, batch_size, 1)
        return h
