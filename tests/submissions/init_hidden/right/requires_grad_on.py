# right: the state asks for a gradient
import torch
import torch.nn as nn


def init_hidden(rnn, batch_size):
    ref = next(rnn.parameters())
    kw = {"dtype": ref.dtype, "device": ref.device, "requires_grad": True}
    D = 2 if rnn.bidirectional else 1
    if not isinstance(rnn, nn.LSTM):
        return torch.zeros(D * rnn.num_layers, batch_size, rnn.hidden_size, **kw)
    H_out = rnn.proj_size if rnn.proj_size > 0 else rnn.hidden_size
    h_0 = torch.zeros(D * rnn.num_layers, batch_size, H_out, **kw)
    c_0 = torch.zeros(D * rnn.num_layers, batch_size, rnn.hidden_size, **kw)
    return (h_0, c_0)
