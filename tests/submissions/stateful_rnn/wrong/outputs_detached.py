# wrong: the outputs are cut as well, so no call can be backpropagated
# misconception: outputs_cut
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
        return outputs.detach()

    def reset(self, mask=None):
        if mask is None:
            self.h = self.c = None
        elif self.h is not None:
            if mask.shape != (self.h.size(1),):
                raise ValueError("mask must have shape (B,)")
            self.h = self.h.masked_fill(mask[:, None], 0)
            if self.c is not None:
                self.c = self.c.masked_fill(mask[:, None], 0)
