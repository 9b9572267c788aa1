# wrong: clears the caller's gradients along with the state
# misconception: none
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    """Call this at the start of every batch: resets everything."""
    rnn.zero_grad()
    w = next(rnn.parameters())
    n = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = w.new_zeros(n, batch_size, rnn.proj_size or rnn.hidden_size)
    return (h, w.new_zeros(n, batch_size, rnn.hidden_size)) if isinstance(rnn, nn.LSTM) else h
