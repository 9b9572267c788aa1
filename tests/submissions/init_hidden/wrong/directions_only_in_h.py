# wrong: two directions in h, but not in the c of a bidirectional LSTM
# misconception: directions_forgotten
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    like = dict(dtype=rnn.weight_ih_l0.dtype, device=rnn.weight_ih_l0.device)
    num_directions = 2 if rnn.bidirectional else 1
    features = rnn.proj_size if rnn.proj_size > 0 else rnn.hidden_size
    h = torch.zeros(rnn.num_layers * num_directions, batch_size, features, **like)
    if isinstance(rnn, nn.LSTM):
        # the cell state is internal
        c = torch.zeros(rnn.num_layers, batch_size, rnn.hidden_size, **like)
        return h, c
    return h
