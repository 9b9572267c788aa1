# wrong: h and c stacked in one tensor (2, layers, batch, features), which unpacks like a pair
# misconception: one_tensor_for_lstm
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    n = rnn.num_layers * (2 if rnn.bidirectional else 1)
    c = torch.zeros(n, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
    if not isinstance(rnn, nn.LSTM):
        return c
    if rnn.proj_size:
        return torch.zeros(n, batch_size, rnn.proj_size, dtype=w.dtype, device=w.device), c
    return torch.stack([torch.zeros_like(c), c])
