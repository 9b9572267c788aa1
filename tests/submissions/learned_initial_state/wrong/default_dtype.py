# wrong: parameters of the default dtype instead of the rnn's
# misconception: default_dtype
import torch
import torch.nn as nn


class LearnedInitialState(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        device = rnn.weight_ih_l0.device
        rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
        self.h0 = nn.Parameter(torch.zeros(rows, 1, rnn.proj_size or rnn.hidden_size, device=device))
        if isinstance(rnn, nn.LSTM):
            self.c0 = nn.Parameter(torch.zeros(rows, 1, rnn.hidden_size, device=device))
        else:
            self.c0 = None

    def forward(self, batch_size):
        h0 = self.h0.expand(-1, batch_size, -1).contiguous()
        if self.c0 is None:
            return h0
        return h0, self.c0.expand(-1, batch_size, -1).contiguous()
