# wrong: set_grad_enabled(False) is called "because zeros need no gradient", and never undone: from then on
#     the caller's whole program computes without gradients.
# (2) Breaks: "Gradients equal those of torch.nn" (there are none after the call); "leave everything as it was".
# (3) Shown by: state = init_hidden(gru, 3); gru(x, state)[0].sum().backward() raises; torch.is_grad_enabled() is False.
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    torch.set_grad_enabled(False)
    weight = next(rnn.parameters())
    num_directions = 2 if rnn.bidirectional else 1
    shape = (rnn.num_layers * num_directions, batch_size)
    if isinstance(rnn, nn.LSTM):
        h = torch.zeros(*shape, rnn.proj_size or rnn.hidden_size, dtype=weight.dtype, device=weight.device)
        c = torch.zeros(*shape, rnn.hidden_size, dtype=weight.dtype, device=weight.device)
        return h, c
    return torch.zeros(*shape, rnn.hidden_size, dtype=weight.dtype, device=weight.device)
