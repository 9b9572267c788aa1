# right: recursion over the layers, joined with cat
import torch


def grow(layers, directions, batch_size, features, weight):
    layer = torch.zeros((directions, batch_size, features), dtype=weight.dtype, device=weight.device)
    if layers == 1:
        return layer
    return torch.cat([layer, grow(layers - 1, directions, batch_size, features, weight)], dim=0)


def init_hidden(rnn, batch_size):
    weight = rnn.weight_hh_l0.detach()
    directions = 2 if rnn.bidirectional else 1
    # the recurrent weights multiply h, so their columns are its features
    h = grow(rnn.num_layers, directions, batch_size, weight.shape[1], weight)
    if not isinstance(rnn, torch.nn.LSTM):
        return h
    c = grow(rnn.num_layers, directions, batch_size, rnn.hidden_size, weight)
    return h, c
