# wrong: asks whether the machine has a GPU, not where the module is
# misconception: default_device
import torch
from torch import nn

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def init_hidden(rnn, batch_size):
    dtype = next(rnn.parameters()).dtype
    layers = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h0 = torch.zeros(layers, batch_size, rnn.proj_size or rnn.hidden_size, dtype=dtype).to(device)
    if isinstance(rnn, nn.LSTM):
        c0 = torch.zeros(layers, batch_size, rnn.hidden_size, dtype=dtype).to(device)
        return h0, c0
    return h0
