# wrong: forward makes new parameters of the full batch size each time
# misconception: made_in_forward
import torch
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        self.sizes = [rnn.proj_size or rnn.hidden_size]
        if isinstance(rnn, nn.LSTM):
            self.sizes.append(rnn.hidden_size)
        self.rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.factory = {"dtype": rnn.weight_ih_l0.dtype, "device": rnn.weight_ih_l0.device}
        self.make(1)

    def make(self, batch_size):
        self.h0 = nn.Parameter(torch.zeros(self.rows, batch_size, self.sizes[0], **self.factory))
        if len(self.sizes) == 2:
            self.c0 = nn.Parameter(torch.zeros(self.rows, batch_size, self.sizes[1], **self.factory))

    def forward(self, batch_size):
        self.make(batch_size)
        if len(self.sizes) == 2:
            return self.h0, self.c0
        return self.h0
