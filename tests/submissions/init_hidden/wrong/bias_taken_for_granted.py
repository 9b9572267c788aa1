# wrong: reads dtype and device from a bias, which a module with bias=False does not have
# misconception: none
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    like = rnn.bias_hh_l0
    layers = rnn.num_layers * (2 if rnn.bidirectional else 1)
    if isinstance(rnn, nn.LSTM):
        return (
            like.new_zeros(layers, batch_size, rnn.proj_size or rnn.hidden_size),
            like.new_zeros(layers, batch_size, rnn.hidden_size),
        )
    return like.new_zeros(layers, batch_size, rnn.hidden_size)
