# wrong: the state is brought to the device that the rnn had at first
# misconception: place_kept
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        weight = rnn.weight_hh_l0
        states = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.device = weight.device
        self.lstm = isinstance(rnn, nn.LSTM)
        self.h0 = nn.Parameter(weight.new_zeros(states, 1, rnn.proj_size or rnn.hidden_size))
        if self.lstm:
            self.c0 = nn.Parameter(weight.new_zeros(states, 1, rnn.hidden_size))

    def forward(self, batch_size):
        h = self.h0.repeat(1, batch_size, 1).to(self.device)
        return (h, self.c0.repeat(1, batch_size, 1)) if self.lstm else h
