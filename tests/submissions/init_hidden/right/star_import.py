# right: star imports, unused imports and short names
import math
import os
import random

from torch import *
from torch.nn import *
import torch.nn.functional as F


def init_hidden(rnn, batch_size):
    k = dict(dtype=rnn.weight_ih_l0.dtype, device=rnn.weight_ih_l0.device)
    d = 2 if rnn.bidirectional else 1
    L = rnn.num_layers
    H = rnn.hidden_size
    if isinstance(rnn, LSTM):
        P = rnn.proj_size if rnn.proj_size > 0 else H
        return zeros(L * d, batch_size, P, **k), zeros(L * d, batch_size, H, **k)
    return zeros(L * d, batch_size, H, **k)
