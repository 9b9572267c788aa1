# wrong: returns (c, h), which shows only when the LSTM projects
# misconception: pair_swapped
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    def zeros(features):
        w = rnn.weight_ih_l0
        rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
        return torch.zeros(rows, batch_size, features, dtype=w.dtype, device=w.device)

    if isinstance(rnn, nn.LSTM):
        cell, hidden = zeros(rnn.hidden_size), zeros(rnn.proj_size or rnn.hidden_size)
        return cell, hidden
    return zeros(rnn.hidden_size)
