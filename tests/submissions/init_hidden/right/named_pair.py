# right: the pair of an LSTM is a named tuple
from typing import NamedTuple

import torch
from torch import Tensor, nn


class LSTMState(NamedTuple):
    h: Tensor
    c: Tensor


def init_hidden(rnn, batch_size):
    directions = 2 if rnn.bidirectional else 1
    leading = (rnn.num_layers * directions, batch_size)
    options = {"dtype": rnn.weight_ih_l0.dtype, "device": rnn.weight_ih_l0.device}
    if isinstance(rnn, nn.LSTM):
        h_features = rnn.proj_size or rnn.hidden_size
        return LSTMState(
            h=torch.zeros(*leading, h_features, **options),
            c=torch.zeros(*leading, rnn.hidden_size, **options),
        )
    return torch.zeros(*leading, rnn.hidden_size, **options)
