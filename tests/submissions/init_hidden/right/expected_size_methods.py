# right: asks the module itself for the sizes it expects
import torch
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    fake_input = w.new_empty(1, 1, rnn.input_size)
    batch_sizes = torch.tensor([batch_size], device="cpu")
    h_size = rnn.get_expected_hidden_size(fake_input, batch_sizes)
    h_0 = torch.zeros(h_size, dtype=w.dtype, device=w.device)
    if isinstance(rnn, nn.LSTM):
        c_size = rnn.get_expected_cell_size(fake_input, batch_sizes)
        c_0 = torch.zeros(c_size, dtype=w.dtype, device=w.device)
        return h_0, c_0
    return h_0
