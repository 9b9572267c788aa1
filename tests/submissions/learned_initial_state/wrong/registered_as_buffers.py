# wrong: h0 and c0 are registered as buffers
# misconception: not_a_parameter
import torch
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        w = rnn.weight_ih_l0
        n = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.register_buffer("h0", w.new_zeros(n, 1, rnn.proj_size or rnn.hidden_size))
        self.lstm = isinstance(rnn, nn.LSTM)
        if self.lstm:
            self.register_buffer("c0", w.new_zeros(n, 1, rnn.hidden_size))

    def forward(self, batch_size):
        h = self.h0.repeat(1, batch_size, 1)
        if self.lstm:
            return h, self.c0.repeat(1, batch_size, 1)
        return h
