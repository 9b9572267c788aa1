# right: empty tensors that are filled with zeros in place
import torch


def init_hidden(rnn, batch_size):
    w = rnn.weight_hh_l0.data
    n = rnn.num_layers
    if rnn.bidirectional:
        n *= 2
    with torch.no_grad():
        h = torch.empty(n, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
        h.zero_()
        if rnn.mode != "LSTM":
            return h
        c = h.clone()
        if rnn.proj_size:
            h = torch.empty(n, batch_size, rnn.proj_size, dtype=w.dtype, device=w.device)
            for layer in range(n):
                h[layer].fill_(0)
    return h, c
