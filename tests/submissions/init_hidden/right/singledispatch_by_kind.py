# right: functools.singledispatch over the kinds of module
from functools import singledispatch

import torch
from torch import nn


def _zeros(rnn, batch_size, features):
    weight = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    return torch.full((rows, batch_size, features), 0.0, dtype=weight.dtype, device=weight.device)


@singledispatch
def _state(rnn, batch_size):
    raise TypeError(f"expected an RNN, GRU or LSTM, got {type(rnn).__name__}")


@_state.register(nn.RNN)
@_state.register(nn.GRU)
def _(rnn, batch_size):
    return _zeros(rnn, batch_size, rnn.hidden_size)


@_state.register(nn.LSTM)
def _(rnn, batch_size):
    return _zeros(rnn, batch_size, rnn.proj_size or rnn.hidden_size), _zeros(rnn, batch_size, rnn.hidden_size)


def init_hidden(rnn, batch_size):
    return _state(rnn, batch_size)
