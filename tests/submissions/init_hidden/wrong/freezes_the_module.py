# wrong: the module's parameters need no gradient any more
# misconception: none
from torch import nn


def init_hidden(rnn, batch_size):
    rnn.requires_grad_(False)  # no graph for the state
    weight = next(rnn.parameters())
    states = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = weight.new_zeros(states, batch_size, rnn.proj_size or rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        return h, weight.new_zeros(states, batch_size, rnn.hidden_size)
    return h
