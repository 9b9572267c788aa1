# wrong: h and c are two views of one block of memory
# misconception: views_of_one_tensor
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    if isinstance(rnn, nn.LSTM):
        P, H = rnn.proj_size or rnn.hidden_size, rnn.hidden_size
        block = torch.zeros(rows * batch_size * (P + H), dtype=w.dtype, device=w.device)
        h, c = block.split([rows * batch_size * P, rows * batch_size * H])
        return h.view(rows, batch_size, P), c.view(rows, batch_size, H)
    return torch.zeros(rows, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
