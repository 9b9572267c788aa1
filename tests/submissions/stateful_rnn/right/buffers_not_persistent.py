# right: the state in non-persistent buffers, so that it moves with the module
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("StatefulRNN needs a unidirectional rnn")
        self.rnn = rnn
        self.register_buffer("h", None, persistent=False)
        self.register_buffer("c", None, persistent=False)

    @property
    def state(self):
        if self.h is None or self.c is None:
            return self.h
        return self.h, self.c

    def forward(self, inputs):
        if self.h is not None and self.h.size(1) != inputs.size(1):
            raise ValueError(f"the state is for {self.h.size(1)} sequences, the inputs have {inputs.size(1)}")
        outputs, new = self.rnn(inputs, self.state)
        h, c = new if isinstance(new, tuple) else (new, None)
        self.h = h.detach()
        self.c = c.detach() if c is not None else None
        return outputs

    @torch.no_grad()
    def reset(self, mask=None):
        if mask is None:
            self.h = self.c = None
        elif self.h is not None:
            if tuple(mask.shape) != (self.h.size(1),):
                raise ValueError(f"mask of shape {tuple(mask.shape)} for {self.h.size(1)} sequences")
            which = mask.nonzero().squeeze(1).to(self.h.device)
            self.h = self.h.index_fill(1, which, 0)
            if self.c is not None:
                self.c = self.c.index_fill(1, which, 0)
