# wrong: (layers, features, batch), silent when batch and features agree
# misconception: none
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    kwargs = dict(dtype=w.dtype, device=w.device)
    layers = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h0 = torch.zeros(layers, rnn.proj_size or rnn.hidden_size, batch_size, **kwargs)
    if isinstance(rnn, nn.LSTM):
        return h0, torch.zeros(layers, rnn.hidden_size, batch_size, **kwargs)
    return h0
