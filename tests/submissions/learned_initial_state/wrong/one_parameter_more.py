# wrong: a learned scale besides h0 and c0
# misconception: none
import torch
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        weight = rnn.weight_hh_l0
        states = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.lstm = isinstance(rnn, nn.LSTM)
        self.h0 = nn.Parameter(weight.new_zeros(states, 1, rnn.proj_size or rnn.hidden_size))
        self.scale = nn.Parameter(torch.ones((), dtype=weight.dtype, device=weight.device))
        if self.lstm:
            self.c0 = nn.Parameter(weight.new_zeros(states, 1, rnn.hidden_size))

    def forward(self, batch_size):
        h = (self.scale * self.h0).repeat(1, batch_size, 1)
        return (h, self.c0.repeat(1, batch_size, 1)) if self.lstm else h
