# wrong: the first zeros have the default dtype
# misconception: default_dtype
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self.parts = None

    @property
    def state(self):
        if self.parts is None:
            return None
        return self.parts if isinstance(self.rnn, nn.LSTM) else self.parts[0]

    def forward(self, inputs):
        if self.parts is None:
            b, r = inputs.size(1), self.rnn
            h = torch.zeros(r.num_layers, b, r.proj_size or r.hidden_size, device=inputs.device)
            c = torch.zeros(r.num_layers, b, r.hidden_size, device=inputs.device)
            start = (h, c) if isinstance(r, nn.LSTM) else h
        elif self.parts[0].size(1) != inputs.size(1):
            raise ValueError("batch size changed")
        else:
            start = self.state
        outputs, new = self.rnn(inputs, start)
        self.parts = tuple(n.detach() for n in (new if isinstance(new, tuple) else (new,)))
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.parts = None
        elif self.parts is not None:
            if mask.shape != (self.parts[0].size(1),):
                raise ValueError("mask must have shape (B,)")
            self.parts = tuple(p.masked_fill(mask[:, None], 0) for p in self.parts)
