# wrong: a mask of shape (1,) is broadcast over the batch instead of refused
# misconception: mask_shape_not_checked
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
        if isinstance(new, tuple):
            self.h, self.c = new[0].detach(), new[1].detach()
        else:
            self.h = new.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.h = self.c = None
        elif self.h is not None:
            try:
                mask = mask.expand(self.h.size(1))
            except RuntimeError as error:
                raise ValueError("mask must have shape (B,)") from error
            self.h = torch.where(mask[:, None], 0.0, self.h)
            if self.c is not None:
                self.c = torch.where(mask[:, None], 0.0, self.c)
