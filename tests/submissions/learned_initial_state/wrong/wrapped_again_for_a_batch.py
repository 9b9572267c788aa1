# wrong: the first batch makes a new parameter of h0, which the optimizer does not know
# misconception: made_in_forward
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        weight = rnn.weight_hh_l0
        states = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.lstm = isinstance(rnn, nn.LSTM)
        self.h0 = nn.Parameter(weight.new_zeros(states, 1, rnn.proj_size or rnn.hidden_size))
        if self.lstm:
            self.c0 = nn.Parameter(weight.new_zeros(states, 1, rnn.hidden_size))

    def forward(self, batch_size):
        if batch_size > 1 and not hasattr(self, "seen"):
            self.seen = True
            self.h0 = nn.Parameter(self.h0.detach().clone())
        h = self.h0.repeat(1, batch_size, 1)
        return (h, self.c0.repeat(1, batch_size, 1)) if self.lstm else h
