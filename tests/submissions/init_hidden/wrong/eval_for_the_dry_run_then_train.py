# wrong: after a dry run in eval mode the module is "switched back" with train(), also if it was in eval mode.
# (2) Breaks: "No function changes its arguments in place" / "Leave the module as it is".
# (3) Shown by: rnn = nn.GRU(4, 6).eval(); init_hidden(rnn, 3); rnn.training is True.
import torch
from torch import nn


@torch.no_grad()
def init_hidden(rnn, batch_size):
    p = next(rnn.parameters())
    x = p.new_zeros(1, batch_size, rnn.input_size)
    if rnn.batch_first:
        x = x.transpose(0, 1)

    rnn.eval()
    _, state = rnn(x)
    rnn.train()

    if isinstance(rnn, nn.LSTM):
        h, c = state
        return p.new_zeros(h.shape), p.new_zeros(c.shape)
    return p.new_zeros(state.shape)
