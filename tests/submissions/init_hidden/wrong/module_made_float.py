# wrong: turns the caller's module into float32 so that it accepts the state
# misconception: module_converted
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    rnn = rnn.float()
    device = rnn.weight_ih_l0.device
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = torch.zeros(rows, batch_size, rnn.proj_size or rnn.hidden_size, dtype=torch.float32, device=device)
    if isinstance(rnn, nn.LSTM):
        c = torch.zeros(rows, batch_size, rnn.hidden_size, dtype=torch.float32, device=device)
        return h, c
    return h
