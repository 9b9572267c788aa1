# right: the parameters are also in a plain list, which holds the same objects after .to() on any real device
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        weight = rnn.weight_hh_l0
        states = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.h0 = nn.Parameter(weight.new_zeros(states, 1, rnn.proj_size or rnn.hidden_size))
        self.parts = [self.h0]
        if isinstance(rnn, nn.LSTM):
            self.c0 = nn.Parameter(weight.new_zeros(states, 1, rnn.hidden_size))
            self.parts.append(self.c0)

    def forward(self, batch_size):
        spread = [part.repeat(1, batch_size, 1) for part in self.parts]
        return tuple(spread) if len(spread) == 2 else spread[0]
