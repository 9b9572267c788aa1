# (1) The mistake: what is read off a module (rows, features, dtype, device; no tensors) is remembered for each
#     module at the first call, and not read again when the module was converted in between.
# (2) Breaks: "dtype and device follow the module's parameters".
# (3) Shown by: init_hidden(rnn, 3); rnn.double(); init_hidden(rnn, 3) is still float32.
from weakref import WeakKeyDictionary

import torch
from torch import nn

_specs = WeakKeyDictionary()


def _spec(rnn):
    if rnn not in _specs:
        p = next(rnn.parameters())
        rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
        features = [rnn.proj_size or rnn.hidden_size]
        if isinstance(rnn, nn.LSTM):
            features.append(rnn.hidden_size)
        _specs[rnn] = rows, features, p.dtype, p.device
    return _specs[rnn]


def init_hidden(rnn, batch_size):
    rows, features, dtype, device = _spec(rnn)
    state = tuple(torch.zeros(rows, batch_size, f, dtype=dtype, device=device) for f in features)
    return state if len(state) == 2 else state[0]
