# wrong: repeats along the first axis and views, so sequences start from the rows of other layers
# misconception: none
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
        h = self.h0.repeat(batch_size, 1, 1).view(-1, batch_size, self.h0.shape[2])
        if self.lstm:
            return h, self.c0.repeat(batch_size, 1, 1).view(-1, batch_size, self.c0.shape[2])
        return h
