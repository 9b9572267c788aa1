# right: one column repeated for the batch (repeat copies)
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    directions = 2 if rnn.bidirectional else 1

    def column(features):
        one = torch.zeros(rnn.num_layers * directions, 1, features)
        return one.repeat(1, batch_size, 1).to(rnn.weight_hh_l0)

    if isinstance(rnn, nn.LSTM):
        return column(rnn.proj_size or rnn.hidden_size), column(rnn.hidden_size)
    return column(rnn.hidden_size)
