# wrong: the state of a cell, (batch, features), without the axis of layers
# misconception: no_layer_axis
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    h = torch.zeros(batch_size, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
    if isinstance(rnn, nn.LSTM):
        c = torch.zeros(batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
        return h, c
    return h
