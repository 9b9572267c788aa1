# wrong: a state for one layer, whatever the number of layers
# misconception: single_layer_only
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    num_directions = 2 if rnn.bidirectional else 1
    h = torch.zeros(1 * num_directions, batch_size, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
    if isinstance(rnn, nn.LSTM):
        c = torch.zeros(1 * num_directions, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
        return h, c
    return h
