# wrong: made batch first and transposed, so that the state is not contiguous
# misconception: transposed
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = next(rnn.parameters())
    num_layers = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = torch.zeros(batch_size, num_layers, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
    h = h.transpose(0, 1)
    if isinstance(rnn, nn.LSTM):
        c = torch.zeros(batch_size, num_layers, rnn.hidden_size, dtype=w.dtype, device=w.device)
        return h, c.transpose(0, 1)
    return h
