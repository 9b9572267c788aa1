# wrong: h has the batch, the c of an LSTM has one column
# misconception: one_column
import torch


def init_hidden(rnn, batch_size):
    p = next(rnn.parameters())
    n = rnn.num_layers * (2 if rnn.bidirectional else 1)

    def zeros(features, batch=1):
        return torch.zeros(n, batch, features, dtype=p.dtype, device=p.device)

    h = zeros(rnn.proj_size or rnn.hidden_size, batch_size)
    if isinstance(rnn, torch.nn.LSTM):
        c = zeros(rnn.hidden_size)
        return h, c
    return h
