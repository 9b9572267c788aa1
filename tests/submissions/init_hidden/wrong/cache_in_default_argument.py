# wrong: zeros are kept in a default argument by shape, and handed out again
# misconception: cached_state
import torch


def zeros(shape, like, cache={}):
    key = (shape, like.dtype, like.device)
    if key not in cache:
        cache[key] = torch.zeros(shape, dtype=like.dtype, device=like.device)
    return cache[key]


def init_hidden(rnn, batch_size):
    w = rnn.weight_hh_l0
    n = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = zeros((n, batch_size, rnn.proj_size or rnn.hidden_size), w)
    if rnn.mode == "LSTM":
        return h, zeros((n, batch_size, rnn.hidden_size), w).clone()
    return h
