# wrong: clone() where detach() was meant
# misconception: never_cut
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("StatefulRNN: rnn is bidirectional")
        self.rnn = rnn
        self.h = None
        self.c = None

    @property
    def state(self):
        if self.c is None:
            return self.h
        return (self.h, self.c)

    def forward(self, inputs):
        if self.h is not None:
            if self.h.size(1) != inputs.size(1):
                raise ValueError("batch size is not the same as before")
        outputs, new = self.rnn(inputs, self.state)
        # clone, so that the next call does not touch this graph
        if isinstance(new, tuple):
            self.h = new[0].clone()
            self.c = new[1].clone()
        else:
            self.h = new.clone()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.h, self.c = None, None
        elif self.h is not None:
            if mask.dim() != 1 or mask.size(0) != self.h.size(1):
                raise ValueError("mask should have one entry per sequence")
            mask = mask.unsqueeze(-1)
            self.h = torch.where(mask, torch.zeros_like(self.h), self.h)
            if self.c is not None:
                self.c = torch.where(mask, torch.zeros_like(self.c), self.c)
