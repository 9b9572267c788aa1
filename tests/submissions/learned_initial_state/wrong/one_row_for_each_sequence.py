# wrong: a parameter with a column for every sequence of the largest batch
# misconception: parameter_per_sequence
import torch
from torch import nn

MAX_BATCH = 256


class LearnedInitialState(nn.Module):
    """One learned state for each sequence, the first batch_size are used."""

    def __init__(self, rnn):
        super().__init__()
        w = rnn.weight_ih_l0
        directions = 2 if rnn.bidirectional else 1
        self.h0 = nn.Parameter(w.new_zeros(rnn.num_layers * directions, MAX_BATCH, rnn.proj_size or rnn.hidden_size))
        if isinstance(rnn, nn.LSTM):
            self.c0 = nn.Parameter(w.new_zeros(rnn.num_layers * directions, MAX_BATCH, rnn.hidden_size))

    def forward(self, batch_size):
        h = self.h0[:, :batch_size].contiguous()
        if hasattr(self, "c0"):
            return h, self.c0[:, :batch_size].contiguous()
        return h
