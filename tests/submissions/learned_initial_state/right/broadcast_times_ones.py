# right: broadcasting, the parameter times a fresh tensor of ones
import torch
from torch import nn


def _size(rnn):
    directions = 2 if rnn.bidirectional else 1
    return directions * rnn.num_layers


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        reference = list(rnn.parameters())[0]
        h = torch.zeros((_size(rnn), 1, rnn.proj_size or rnn.hidden_size)).to(reference.device, reference.dtype)
        self.h0 = nn.Parameter(h)
        if type(rnn).__name__ == "LSTM" or isinstance(rnn, nn.LSTM):
            c = torch.zeros((_size(rnn), 1, rnn.hidden_size)).to(reference.device, reference.dtype)
            self.c0 = nn.Parameter(c)

    def forward(self, batch_size):
        ones = self.h0.new_ones(1, batch_size, 1)
        if hasattr(self, "c0"):
            return self.h0 * ones, self.c0 * ones
        return self.h0 * ones
