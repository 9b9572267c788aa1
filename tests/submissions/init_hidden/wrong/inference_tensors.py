# wrong: made in inference mode, so that training refuses the state and it cannot be written to
# misconception: inference_tensors
import torch
from torch import nn


@torch.inference_mode()
def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = torch.zeros(rows, batch_size, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
    if isinstance(rnn, nn.LSTM):
        c = torch.zeros(rows, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
        return h, c
    return h
