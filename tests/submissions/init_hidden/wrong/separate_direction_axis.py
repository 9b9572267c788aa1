# wrong: layers and directions as two axes, a state of four dimensions
# misconception: separate_direction_axis
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    lead = [rnn.num_layers]
    if rnn.bidirectional:
        lead.append(2)
    h = torch.zeros(*lead, batch_size, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
    if isinstance(rnn, nn.LSTM):
        c = torch.zeros(*lead, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
        return h, c
    return h
