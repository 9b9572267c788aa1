# wrong: a list with one (batch, features) tensor a layer, never stacked
# misconception: none
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_hh_l0
    n = rnn.num_layers * (2 if rnn.bidirectional else 1)
    hs = [w.new_zeros(batch_size, rnn.proj_size or rnn.hidden_size) for _ in range(n)]
    if isinstance(rnn, nn.LSTM):
        cs = [w.new_zeros(batch_size, rnn.hidden_size) for _ in range(n)]
        return hs, cs
    return hs
