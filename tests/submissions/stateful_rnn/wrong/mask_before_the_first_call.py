# wrong: reset(mask) before any call raises
# misconception: none
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self.h = None
        self.c = None

    @property
    def state(self):
        return self.h if self.c is None else (self.h, self.c)

    def forward(self, inputs):
        if self.h is not None and self.h.size(1) != inputs.size(1):
            raise ValueError("batch size changed")
        outputs, new = self.rnn(inputs, self.state)
        if isinstance(new, tuple):
            self.h, self.c = new[0].detach(), new[1].detach()
        else:
            self.h = new.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.h = self.c = None
            return
        batch = self.h.size(1) if self.h is not None else 0
        if mask.shape != (batch,):
            raise ValueError(f"mask has shape {tuple(mask.shape)}, but there are {batch} sequences")
        self.h = torch.where(mask[:, None], 0.0, self.h)
        if self.c is not None:
            self.c = torch.where(mask[:, None], 0.0, self.c)
