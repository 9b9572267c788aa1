# wrong: the parameters are frozen where those of rnn are
# misconception: frozen_like_rnn
import torch
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        weight = next(rnn.parameters())
        rows = rnn.num_layers * (2 if rnn.bidirectional else 1)

        def make(features):
            zeros = torch.zeros(rows, 1, features, dtype=weight.dtype, device=weight.device)
            return nn.Parameter(zeros, requires_grad=weight.requires_grad)

        self.h0 = make(rnn.proj_size or rnn.hidden_size)
        self.is_lstm = isinstance(rnn, nn.LSTM)
        if self.is_lstm:
            self.c0 = make(rnn.hidden_size)

    def forward(self, batch_size):
        h = self.h0.expand(-1, batch_size, -1).contiguous()
        return (h, self.c0.expand(-1, batch_size, -1).contiguous()) if self.is_lstm else h
