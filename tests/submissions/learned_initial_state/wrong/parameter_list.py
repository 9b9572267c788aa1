# wrong: the parameters are in a list, so that their names are not h0 and c0
# misconception: none
from torch import nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        weight = rnn.weight_hh_l0
        states = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.lstm = isinstance(rnn, nn.LSTM)
        sizes = [rnn.proj_size or rnn.hidden_size, rnn.hidden_size][: 1 + self.lstm]
        self.states = nn.ParameterList(weight.new_zeros(states, 1, size) for size in sizes)

    def forward(self, batch_size):
        spread = [each.repeat(1, batch_size, 1) for each in self.states]
        return spread if self.lstm else spread[0]
