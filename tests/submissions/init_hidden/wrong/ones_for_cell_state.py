# wrong: c starts at one, by analogy with the forget gate's bias
# misconception: ones_for_zeros
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = w.new_zeros(rows, batch_size, rnn.proj_size or rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        # a forget gate that starts open keeps the gradient alive
        return h, w.new_ones(rows, batch_size, rnn.hidden_size)
    return h
