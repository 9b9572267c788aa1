# wrong: the caller's inputs are told to require a gradient
# misconception: none
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional networks cannot be stateful")
        self.rnn = rnn
        self.hidden = None

    def forward(self, inputs):
        if self.hidden is not None:
            h = self.hidden[0] if isinstance(self.hidden, tuple) else self.hidden
            if h.size(1) != inputs.size(1):
                raise ValueError("batch size is not that of the calls before")
        if self.training and inputs.is_leaf:
            inputs.requires_grad_()
        outputs, hidden = self.rnn(inputs, self.hidden)
        if isinstance(hidden, tuple):
            self.hidden = tuple(h.detach() for h in hidden)
        else:
            self.hidden = hidden.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.hidden = None
            return
        if self.hidden is None:
            return
        parts = self.hidden if isinstance(self.hidden, tuple) else (self.hidden,)
        if mask.shape != (parts[0].size(1),):
            raise ValueError("mask must be of shape (B,)")
        parts = tuple(p.masked_fill(mask.unsqueeze(-1), 0.0) for p in parts)
        self.hidden = parts if isinstance(self.hidden, tuple) else parts[0]

    @property
    def state(self):
        return self.hidden
