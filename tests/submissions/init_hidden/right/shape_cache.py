# right: remembers shapes (numbers only) and counts its calls, the tensors are always new
from functools import lru_cache

import torch
from torch import nn

calls = 0
history = []


@lru_cache(maxsize=None)
def state_shape(num_layers, bidirectional, batch_size, features):
    return (num_layers * (2 if bidirectional else 1), batch_size, features)


def init_hidden(rnn, batch_size):
    global calls
    calls += 1
    weight = rnn.weight_hh_l0

    def fresh(features):
        shape = state_shape(rnn.num_layers, rnn.bidirectional, batch_size, features)
        history.append(shape)
        return torch.zeros(shape, dtype=weight.dtype, device=weight.device)

    if isinstance(rnn, nn.LSTM):
        return fresh(rnn.proj_size or rnn.hidden_size), fresh(rnn.hidden_size)
    return fresh(rnn.hidden_size)
