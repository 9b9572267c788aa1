# wrong: h has hidden_size features even when the LSTM projects
# misconception: proj_size_ignored
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = next(rnn.parameters())
    shape = (rnn.num_layers * (2 if rnn.bidirectional else 1), batch_size, rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        return (
            torch.zeros(shape, dtype=w.dtype, device=w.device),
            torch.zeros(shape, dtype=w.dtype, device=w.device),
        )
    return torch.zeros(shape, dtype=w.dtype, device=w.device)
