# wrong: one column for the whole batch, hoping that torch broadcasts it
# misconception: one_column
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    D = 2 if rnn.bidirectional else 1
    # all sequences start from the same zeros, torch broadcasts over the batch
    h = w.new_zeros(rnn.num_layers * D, 1, rnn.proj_size or rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        return h, w.new_zeros(rnn.num_layers * D, 1, rnn.hidden_size)
    return h
