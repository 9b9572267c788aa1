# wrong: one layer of zeros expanded over all layers, not contiguous
# misconception: layers_share_memory
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)

    def per_layer(features):
        layer = torch.zeros(batch_size, features, dtype=w.dtype, device=w.device)
        return layer.unsqueeze(0).expand(rows, batch_size, features)

    if isinstance(rnn, nn.LSTM):
        return per_layer(rnn.proj_size or rnn.hidden_size), per_layer(rnn.hidden_size)
    return per_layer(rnn.hidden_size)
