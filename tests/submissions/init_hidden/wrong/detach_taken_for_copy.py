# wrong: c is h.detach(), which shares its memory with h
# misconception: shared_h_and_c
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    weight = next(rnn.parameters())
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    hidden = weight.new_zeros((rows, batch_size, rnn.proj_size or rnn.hidden_size))
    if not isinstance(rnn, nn.LSTM):
        return hidden
    if rnn.proj_size:
        cell = weight.new_zeros((rows, batch_size, rnn.hidden_size))
    else:
        cell = hidden.detach()  # a copy, same shape
    return hidden, cell
