# wrong: the default dtype instead of the module's
# misconception: default_dtype
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    device = next(rnn.parameters()).device
    num_directions = 2 if rnn.bidirectional else 1
    h_size = rnn.proj_size or rnn.hidden_size
    h0 = torch.zeros(rnn.num_layers * num_directions, batch_size, h_size).to(device)
    if isinstance(rnn, nn.LSTM):
        c0 = torch.zeros(rnn.num_layers * num_directions, batch_size, rnn.hidden_size).to(device)
        return (h0, c0)
    return h0
