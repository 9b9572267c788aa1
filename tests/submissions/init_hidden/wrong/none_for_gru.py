# wrong: None for RNN and GRU, because torch takes None for zeros
# misconception: none
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    if not isinstance(rnn, nn.LSTM):
        return None  # torch fills in zeros by itself
    w = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = torch.zeros(rows, batch_size, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
    c = torch.zeros(rows, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
    return h, c
