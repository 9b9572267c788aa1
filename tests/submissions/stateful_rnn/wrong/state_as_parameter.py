# wrong: the state is an nn.Parameter without gradient, so state_dict() and parameters() have it
# misconception: state_saved_as_buffer
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
        if self.h is None:
            return None
        return self.h.detach() if self.c is None else (self.h.detach(), self.c.detach())

    def keep(self, h, c=None):
        self.h = nn.Parameter(h.detach(), requires_grad=False)
        self.c = None if c is None else nn.Parameter(c.detach(), requires_grad=False)

    def forward(self, inputs):
        if self.h is not None and self.h.size(1) != inputs.size(1):
            raise ValueError("batch size changed")
        outputs, new = self.rnn(inputs, self.state)
        if isinstance(new, tuple):
            self.keep(*new)
        else:
            self.keep(new)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.h = self.c = None
        elif self.h is not None:
            if mask.shape != (self.h.size(1),):
                raise ValueError("mask must have shape (B,)")
            m = mask[:, None]
            self.keep(self.h.masked_fill(m, 0), None if self.c is None else self.c.masked_fill(m, 0))
