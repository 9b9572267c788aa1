# wrong: knows float64 and takes everything else for float32, also float16 and bfloat16
# misconception: default_dtype
import torch


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    dtype = torch.double if w.dtype == torch.double else torch.float
    n = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = torch.zeros(n, batch_size, rnn.proj_size or rnn.hidden_size, dtype=dtype, device=w.device)
    if isinstance(rnn, torch.nn.LSTM):
        return h, torch.zeros(n, batch_size, rnn.hidden_size, dtype=dtype, device=w.device)
    return h
