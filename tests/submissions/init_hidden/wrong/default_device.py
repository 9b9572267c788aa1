# wrong: no device given, so the state is made on the CPU
# misconception: default_device
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    dtype = rnn.weight_ih_l0.dtype
    D = 2 if rnn.bidirectional else 1
    if isinstance(rnn, nn.LSTM):
        P = rnn.proj_size if rnn.proj_size > 0 else rnn.hidden_size
        h = torch.zeros(D * rnn.num_layers, batch_size, P, dtype=dtype)
        c = torch.zeros(D * rnn.num_layers, batch_size, rnn.hidden_size, dtype=dtype)
        return h, c
    return torch.zeros(D * rnn.num_layers, batch_size, rnn.hidden_size, dtype=dtype)
