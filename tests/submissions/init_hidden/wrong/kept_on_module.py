# wrong: leaves the state behind as an attribute of the module
# misconception: none
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    rnn.hidden = w.new_zeros(rows, batch_size, rnn.proj_size or rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        rnn.cell = w.new_zeros(rows, batch_size, rnn.hidden_size)
        return rnn.hidden, rnn.cell
    return rnn.hidden
