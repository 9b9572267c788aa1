# wrong: in eval mode the numbers of the first call are kept, also over load_state_dict
# misconception: cached_by_batch_size
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
        if self.training:
            self.__dict__.pop("kept", None)
            h0 = self.h0
        else:
            h0 = self.__dict__.setdefault("kept", self.h0.detach().clone())
        h = h0.repeat(1, batch_size, 1)
        return (h, self.c0.repeat(1, batch_size, 1)) if self.lstm else h
