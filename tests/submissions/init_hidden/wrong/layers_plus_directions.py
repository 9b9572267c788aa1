# wrong: the second direction is added to the layers instead of doubling them
# misconception: none
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    n = rnn.num_layers
    if rnn.bidirectional:
        n += 1
    h = w.new_zeros(n, batch_size, rnn.proj_size or rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        return h, w.new_zeros(n, batch_size, rnn.hidden_size)
    return h
