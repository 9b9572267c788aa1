# wrong: the dtype is the rnn's, the device is the default one
# misconception: default_device
import torch
from torch import nn
class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        w = rnn.weight_ih_l0; n = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.h0 = nn.Parameter(torch.zeros(n, 1, rnn.proj_size or rnn.hidden_size, dtype=w.dtype))
        self.lstm = isinstance(rnn, nn.LSTM)
        if self.lstm: self.c0 = nn.Parameter(torch.zeros(n, 1, rnn.hidden_size, dtype=w.dtype))
    def forward(self, batch_size):
        s = [p.expand(-1, batch_size, -1).contiguous() for p in self.parameters()]
        return tuple(s) if self.lstm else s[0]
