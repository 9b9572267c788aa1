# wrong: another batch size resets the state and then raises
# misconception: state_updated_before_error
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("expected a unidirectional rnn")
        self.rnn = rnn
        self.h = self.c = None

    @property
    def state(self):
        return self.h if self.c is None else (self.h, self.c)

    def forward(self, inputs):
        if self.h is not None and self.h.shape[1] != inputs.shape[1]:
            self.reset()
            raise ValueError("the batch size changed, so the state was reset")
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
            if mask.shape != (self.h.shape[1],):
                raise ValueError("mask must have one entry for each sequence")
            self.h = torch.where(mask[:, None], 0.0, self.h)
            if self.c is not None:
                self.c = torch.where(mask[:, None], 0.0, self.c)
