# wrong: the modes are listed, but not the one of an RNN with relu, which gets None
# misconception: none
import torch


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    n = rnn.num_layers * (2 if rnn.bidirectional else 1)
    if rnn.mode in ("RNN_TANH", "GRU"):
        return torch.zeros(n, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
    elif rnn.mode == "LSTM":
        h = torch.zeros(n, batch_size, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
        c = torch.zeros(n, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
        return h, c
