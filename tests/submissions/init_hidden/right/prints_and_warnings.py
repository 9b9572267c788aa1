# right: prints, logs and warns while it works
import logging
import sys
import warnings

import torch
from torch import nn

log = logging.getLogger("init_hidden")
logging.basicConfig(level=logging.INFO)


def init_hidden(rnn, batch_size):
    print("init_hidden called with", type(rnn).__name__, batch_size)
    w = rnn.weight_ih_l0
    D = 2 if rnn.bidirectional else 1
    if rnn.batch_first:
        warnings.warn("batch_first has no effect on the hidden state!")
    h_out = rnn.proj_size if rnn.proj_size else rnn.hidden_size
    h = torch.zeros(rnn.num_layers * D, batch_size, h_out, dtype=w.dtype, device=w.device)
    print("DEBUG h:", h.shape, h.dtype, file=sys.stderr)
    if isinstance(rnn, nn.LSTM):
        c = torch.zeros(rnn.num_layers * D, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
        log.info("c: %s", tuple(c.shape))
        return h, c
    return h
