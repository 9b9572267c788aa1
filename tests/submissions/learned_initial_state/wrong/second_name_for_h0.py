# wrong: h0 has a second name, under which it is saved, too
# misconception: none
import torch
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        d = 2 if rnn.bidirectional else 1
        like = rnn.weight_ih_l0.detach()

        self.h0 = nn.Parameter(torch.zeros(rnn.num_layers * d, 1, rnn.proj_size or rnn.hidden_size).to(like))
        self.hidden = self.h0
        self.lstm = isinstance(rnn, nn.LSTM)
        if self.lstm:
            self.c0 = nn.Parameter(torch.zeros(rnn.num_layers * d, 1, rnn.hidden_size).to(like))

    def forward(self, batch_size):
        h = torch.cat([self.hidden] * batch_size, dim=1)
        if self.lstm:
            return h, torch.cat([self.c0] * batch_size, dim=1)
        return h
