# right: new_zeros of the first parameter
from torch import nn


def init_hidden(rnn, batch_size):
    weight = next(rnn.parameters())
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = weight.new_zeros(rows, batch_size, rnn.proj_size or rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        return h, weight.new_zeros(rows, batch_size, rnn.hidden_size)
    return h
