# wrong: a single column expanded over the batch, so that all sequences share memory
# misconception: expanded_column
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = torch.zeros(rows, 1, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
    h = h.expand(-1, batch_size, -1)
    if isinstance(rnn, nn.LSTM):
        c = torch.zeros(rows, 1, rnn.hidden_size, dtype=w.dtype, device=w.device)
        c = c.expand(-1, batch_size, -1)
        return h, c
    return h
