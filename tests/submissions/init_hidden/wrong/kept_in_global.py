# wrong: leaves the last state behind in a global
# misconception: none
import torch
from torch import nn

hidden = None


def init_hidden(rnn, batch_size):
    global hidden
    w = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    hidden = torch.zeros(rows, batch_size, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
    if isinstance(rnn, nn.LSTM):
        hidden = hidden, torch.zeros(rows, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
    return hidden
