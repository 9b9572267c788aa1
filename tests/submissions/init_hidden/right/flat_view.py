# right: a flat vector of zeros, viewed in the right shape
import torch


def flat_zeros(weight, *shape):
    count = 1
    for size in shape:
        count *= size
    return torch.zeros(count, dtype=weight.dtype, device=weight.device).view(*shape)


def init_hidden(rnn, batch_size):
    weight = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    if isinstance(rnn, torch.nn.LSTM):
        h = flat_zeros(weight, rows, batch_size, rnn.proj_size or rnn.hidden_size)
        c = flat_zeros(weight, rows, batch_size, rnn.hidden_size)
        return h, c
    return flat_zeros(weight, rows, batch_size, rnn.hidden_size)
