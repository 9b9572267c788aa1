# wrong: to() around the parameter, which gives a plain tensor as soon as the dtype or the device changes
# misconception: moved_parameter_not_registered
import torch
import torch.nn as nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        p = next(rnn.parameters())
        self.rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.is_lstm = isinstance(rnn, nn.LSTM)
        out = rnn.proj_size or rnn.hidden_size
        self.h0 = nn.Parameter(torch.zeros(self.rows, 1, out)).to(device=p.device, dtype=p.dtype)
        if self.is_lstm:
            self.c0 = nn.Parameter(torch.zeros(self.rows, 1, rnn.hidden_size)).to(device=p.device, dtype=p.dtype)

    def forward(self, batch_size):
        h = self.h0.repeat(1, batch_size, 1)
        if self.is_lstm:
            c = self.c0.repeat(1, batch_size, 1)
            return h, c
        return h
