# wrong: c is the same tensor as h
# misconception: shared_h_and_c
import torch
import torch.nn as nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    num_directions = 2 if rnn.bidirectional else 1

    def zeros(size):
        return torch.zeros(rnn.num_layers * num_directions, batch_size, size, dtype=w.dtype, device=w.device)

    h = zeros(rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        c = h
        if rnn.proj_size > 0:
            h = zeros(rnn.proj_size)
        return h, c
    return h
