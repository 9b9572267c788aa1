# wrong: a bidirectional rnn is taken without an error
# misconception: none
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn
        self.tensors = None

    @property
    def state(self):
        if self.tensors is None:
            return None
        return self.tensors if isinstance(self.rnn, nn.LSTM) else self.tensors[0]

    def forward(self, inputs):
        if self.tensors is not None and self.tensors[0].size(1) != inputs.size(1):
            raise ValueError("batch size changed")
        outputs, new = self.rnn(inputs, self.state)
        new = new if isinstance(new, tuple) else (new,)
        self.tensors = tuple(n.detach() for n in new)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.tensors = None
        elif self.tensors is not None:
            if mask.shape != (self.tensors[0].size(1),):
                raise ValueError("mask must have shape (B,)")
            self.tensors = tuple(torch.where(mask[:, None], 0.0, t) for t in self.tensors)
