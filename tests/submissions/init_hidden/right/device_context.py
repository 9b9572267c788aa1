# right: the module's device as a context manager
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    weight = next(rnn.parameters())
    directions = 2 if rnn.bidirectional else 1
    rows = rnn.num_layers * directions
    with weight.device:
        c = torch.zeros(rows, batch_size, rnn.hidden_size, dtype=weight.dtype)
        if isinstance(rnn, nn.LSTM):
            h = torch.zeros_like(c) if rnn.proj_size == 0 else c.new_zeros(rows, batch_size, rnn.proj_size)
            return h, c
    return c
