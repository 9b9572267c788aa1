# wrong: h0 and c0 are plain tensors with requires_grad, not parameters
# misconception: not_a_parameter
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class LearnedInitialState(nn.Module):

    def __init__(self, rnn):
        super(LearnedInitialState, self).__init__()

        # how many "rows" the state has
        num_directions = 1
        if rnn.bidirectional == True:
            num_directions = 2
        rows = rnn.num_layers * num_directions

        # how many features h has (projection!)
        if rnn.proj_size > 0:
            h_features = rnn.proj_size
        else:
            h_features = rnn.hidden_size

        # same dtype and device as the weights
        weight = next(rnn.parameters())
        dtype = weight.dtype
        device = weight.device

        zeros_h = torch.zeros(rows, 1, h_features, dtype=dtype, device=device)
        self.h0 = zeros_h.requires_grad_(True)

        if isinstance(rnn, nn.LSTM):
            zeros_c = torch.zeros(rows, 1, rnn.hidden_size, dtype=dtype, device=device)
            self.c0 = zeros_c.requires_grad_(True)
            self.is_lstm = True
        else:
            self.is_lstm = False

    def forward(self, batch_size):
        rows = self.h0.shape[0]
        h = self.h0.expand(rows, batch_size, self.h0.shape[2])
        h = h.contiguous()
        if self.is_lstm == False:
            return h
        c = self.c0.expand(rows, batch_size, self.c0.shape[2])
        c = c.contiguous()
        return (h, c)
