# right: a match statement and sizes read from the weights
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    weights = dict(rnn.named_parameters())
    recurrent = weights["weight_hh_l0"]
    rows = sum(name.startswith("weight_hh") for name in weights)
    match rnn:
        case nn.LSTM():
            gates, h_features = recurrent.shape
            h = recurrent.new_zeros((rows, batch_size, h_features), requires_grad=False)
            c = recurrent.new_zeros((rows, batch_size, gates // 4), requires_grad=False)
            return h, c
        case nn.GRU() | nn.RNN():
            return recurrent.new_zeros((rows, batch_size, recurrent.size(-1)))
        case _:
            raise ValueError(f"not a recurrent module: {rnn!r}")
