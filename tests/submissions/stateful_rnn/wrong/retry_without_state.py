# wrong: when the rnn refuses the state, it is run again without one
# misconception: batch_size_silently_reset
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn should be unidirectional")
        self.rnn = rnn
        self.h = None
        self.c = None

    @property
    def state(self):
        return (self.h, self.c) if self.c is not None else self.h

    def forward(self, inputs):
        try:
            outputs, new = self.rnn(inputs, self.state)
        except RuntimeError:
            # a new batch begins
            outputs, new = self.rnn(inputs)
        if isinstance(self.rnn, nn.LSTM):
            self.h, self.c = [s.detach() for s in new]
        else:
            self.h = new.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.h = self.c = None
        elif self.h is not None:
            if mask.shape != (self.h.size(1),):
                raise ValueError("mask and batch do not match")
            mask = mask.unsqueeze(1)
            self.h = torch.where(mask, 0.0, self.h)
            if self.c is not None:
                self.c = torch.where(mask, 0.0, self.c)
