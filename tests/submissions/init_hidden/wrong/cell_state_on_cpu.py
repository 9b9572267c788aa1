# wrong: h follows the module's device, the c of an LSTM is left on the CPU
# misconception: default_device
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    n = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = torch.zeros(n, batch_size, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
    if isinstance(rnn, nn.LSTM):
        c = torch.zeros(n, batch_size, rnn.hidden_size, dtype=w.dtype)
        return h, c
    return h
