# wrong: as many features as the input has, silent when input and hidden size agree
# misconception: input_size_for_hidden_size
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    features = w.shape[1]
    h = torch.zeros(rows, batch_size, rnn.proj_size or features, dtype=w.dtype, device=w.device)
    if isinstance(rnn, nn.LSTM):
        c = torch.zeros(rows, batch_size, features, dtype=w.dtype, device=w.device)
        return h, c
    return h
