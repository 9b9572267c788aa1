# wrong: h is zero, the c of an LSTM is initialised like a weight
# misconception: random_state
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = torch.zeros(rows, batch_size, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
    if isinstance(rnn, nn.LSTM):
        c = torch.empty(rows, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
        nn.init.xavier_uniform_(c)
        return h, c
    return h
