# right: writes in place into fresh buffers made with new_zeros
import torch
from torch import nn


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("empty batch")
    B = len(sequences)
    D = 2 if rnn.bidirectional else 1
    rows = rnn.num_layers * D
    out_size = rnn.proj_size if rnn.proj_size > 0 else rnn.hidden_size
    weight = rnn.weight_ih_l0

    h_n = weight.new_zeros(rows, B, out_size)
    c_n = weight.new_zeros(rows, B, rnn.hidden_size)
    if state is not None:
        # copies, so the caller's tensors stay as they are
        if isinstance(rnn, nn.LSTM):
            h_n += state[0]
            c_n += state[1]
        else:
            h_n += state

    h_0, c_0 = h_n.clone(), c_n.clone()
    outputs = [weight.new_empty(x.size(0), D * out_size) for x in sequences]
    for i, x in enumerate(sequences):
        h = h_0[:, i].contiguous()
        c = c_0[:, i].contiguous()
        if isinstance(rnn, nn.LSTM):
            y, (h, c) = rnn(x, (h, c))
            c_n[:, i] = c
        else:
            y, h = rnn(x, h)
        h_n[:, i] = h
        outputs[i][:] = y
    return outputs, ((h_n, c_n) if isinstance(rnn, nn.LSTM) else h_n)
