# wrong: the cut state is made to require a gradient
# misconception: none
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self.parts = []

    @property
    def state(self):
        if not self.parts:
            return None
        return tuple(self.parts) if isinstance(self.rnn, nn.LSTM) else self.parts[0]

    def keep(self, tensors):
        self.parts = [t.detach().requires_grad_() for t in tensors]

    def forward(self, inputs):
        if self.parts and self.parts[0].size(1) != inputs.size(1):
            raise ValueError("another batch size needs a reset")
        outputs, new = self.rnn(inputs, self.state)
        self.keep(new if isinstance(new, tuple) else [new])
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.parts = []
        elif self.parts:
            if mask.shape != self.parts[0].shape[1:2]:
                raise ValueError("one flag for each sequence")
            self.keep([torch.where(mask[:, None], torch.zeros_like(p), p) for p in self.parts])
