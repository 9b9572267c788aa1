# wrong: one row for each layer, the directions are forgotten
# misconception: directions_forgotten
import torch
from torch import nn


class Base(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        self.rows = rnn.num_layers
        self.h0 = self.make(rnn, rnn.hidden_size if not rnn.proj_size else rnn.proj_size)

    def make(self, rnn, features):
        return nn.Parameter(torch.zeros_like(rnn.weight_hh_l0[:1, :1]).repeat(self.rows, 1, features).detach())

    def pick(self, parameter, batch_size):
        index = torch.zeros(batch_size, dtype=torch.long, device=parameter.device)
        return parameter.index_select(1, index)


class LearnedInitialState(Base):
    def __init__(self, rnn):
        super().__init__(rnn)
        self.pair = isinstance(rnn, nn.LSTM)
        if self.pair:
            self.c0 = self.make(rnn, rnn.hidden_size)

    def forward(self, batch_size):
        if self.pair:
            return self.pick(self.h0, batch_size), self.pick(self.c0, batch_size)
        return self.pick(self.h0, batch_size)
