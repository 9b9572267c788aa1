# wrong: hands out clones, but keeps the originals in a global for ever
# misconception: none
import torch

_templates = {}


def _zeros(rows, batch_size, features, weight):
    key = (rows, batch_size, features, weight.dtype, weight.device)
    if key not in _templates:
        _templates[key] = torch.zeros(rows, batch_size, features, dtype=weight.dtype, device=weight.device)
    return _templates[key].clone()


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = _zeros(rows, batch_size, rnn.proj_size or rnn.hidden_size, w)
    if isinstance(rnn, torch.nn.LSTM):
        return h, _zeros(rows, batch_size, rnn.hidden_size, w)
    return h
