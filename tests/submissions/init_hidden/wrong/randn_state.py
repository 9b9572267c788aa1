# wrong: a random state
# misconception: random_state
import torch
import torch.nn as nn


def init_hidden(rnn, batch_size):
    torch.manual_seed(42)
    p = next(rnn.parameters())
    num_directions = 2 if rnn.bidirectional else 1
    size = (rnn.num_layers * num_directions, batch_size)
    h_0 = torch.randn(*size, rnn.proj_size or rnn.hidden_size, dtype=p.dtype, device=p.device)
    if isinstance(rnn, nn.LSTM):
        c_0 = torch.randn(*size, rnn.hidden_size, dtype=p.dtype, device=p.device)
        return h_0, c_0
    return h_0
