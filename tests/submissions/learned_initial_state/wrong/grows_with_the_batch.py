# wrong: the parameter of shape (L*D, 1, H) is replaced by one of the batch's size at the first call
# misconception: parameter_per_sequence
import torch
import torch.nn as nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        n = rnn.num_layers * (2 if rnn.bidirectional else 1)
        w = rnn.weight_ih_l0
        self.h0 = nn.Parameter(torch.zeros(n, 1, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device))
        self.lstm = isinstance(rnn, nn.LSTM)
        if self.lstm:
            self.c0 = nn.Parameter(torch.zeros(n, 1, rnn.hidden_size, dtype=w.dtype, device=w.device))

    def fit(self, parameter, batch_size):
        # make room if the batch does not fit any more
        missing = batch_size - parameter.size(1)
        if missing <= 0:
            return parameter
        return nn.Parameter(torch.cat([parameter.data, parameter.data[:, :1].repeat(1, missing, 1)], dim=1))

    def forward(self, batch_size):
        self.h0 = self.fit(self.h0, batch_size)
        h = self.h0[:, :batch_size].contiguous()
        if not self.lstm:
            return h
        self.c0 = self.fit(self.c0, batch_size)
        return h, self.c0[:, :batch_size].contiguous()
