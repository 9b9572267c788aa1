# wrong: the state is cut in train mode only
# misconception: none
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self.h = self.c = None

    @property
    def state(self):
        return self.h if self.c is None else (self.h, self.c)

    def forward(self, inputs):
        if self.h is not None and self.h.size(1) != inputs.size(1):
            raise ValueError("batch size changed")
        outputs, new = self.rnn(inputs, self.state)
        h, c = new if isinstance(new, tuple) else (new, None)
        if self.training:  # nobody calls backward in eval mode
            h = h.detach()
            c = None if c is None else c.detach()
        self.h, self.c = h, c
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.h = self.c = None
        elif self.h is not None:
            if mask.shape != (self.h.size(1),):
                raise ValueError("mask must have shape (B,)")
            self.h = torch.where(mask[:, None], 0.0, self.h)
            if self.c is not None:
                self.c = torch.where(mask[:, None], 0.0, self.c)
