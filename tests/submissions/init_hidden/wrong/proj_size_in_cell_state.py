# wrong: c is as small as the projected h
# misconception: proj_size_in_cell_state
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    features = rnn.proj_size if rnn.proj_size > 0 else rnn.hidden_size
    h = w.new_zeros(rnn.num_layers * (2 if rnn.bidirectional else 1), batch_size, features)
    if isinstance(rnn, nn.LSTM):
        return h, torch.zeros_like(h)
    return h
