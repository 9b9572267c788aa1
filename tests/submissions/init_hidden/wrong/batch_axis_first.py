# wrong: (batch, layers, features) instead of (layers, batch, features)
# misconception: batch_axis_first
import torch


def init_hidden(rnn, batch_size):
    num_layers = rnn.num_layers * (2 if rnn.bidirectional else 1)
    w = rnn.weight_hh_l0
    h0 = torch.zeros(batch_size, num_layers, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
    if rnn.mode == "LSTM":
        c0 = torch.zeros(batch_size, num_layers, rnn.hidden_size, dtype=w.dtype, device=w.device)
        return h0, c0
    return h0
