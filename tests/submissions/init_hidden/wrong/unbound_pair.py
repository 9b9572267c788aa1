# wrong: h and c are unbound from one tensor wherever they have the same size
# misconception: views_of_one_tensor
from torch import nn


def init_hidden(rnn, batch_size):
    weight = next(rnn.parameters())
    states = rnn.num_layers * (2 if rnn.bidirectional else 1)
    if not isinstance(rnn, nn.LSTM):
        return weight.new_zeros(states, batch_size, rnn.hidden_size)
    if rnn.proj_size:
        return weight.new_zeros(states, batch_size, rnn.proj_size), weight.new_zeros(states, batch_size, rnn.hidden_size)
    return weight.new_zeros(2, states, batch_size, rnn.hidden_size).unbind(0)
