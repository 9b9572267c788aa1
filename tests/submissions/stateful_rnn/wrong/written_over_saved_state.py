# wrong: the new state is copied over the tensor that backward still needs: wrong gradients, silently
# misconception: none
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self.memory = None

    @property
    def state(self):
        if self.memory is None:
            return None
        return tuple(self.memory) if isinstance(self.rnn, nn.LSTM) else self.memory[0]

    def forward(self, inputs):
        if self.memory is not None and self.memory[0].size(1) != inputs.size(1):
            raise ValueError("batch size changed")
        outputs, new = self.rnn(inputs, self.state)
        new = new if isinstance(new, tuple) else (new,)
        if self.memory is None:
            self.memory = [torch.empty_like(n.data) for n in new]
        for old, n in zip(self.memory, new):
            old.data.copy_(n.data)  # no new memory at each call
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.memory = None
        elif self.memory is not None:
            if mask.shape != (self.memory[0].size(1),):
                raise ValueError("mask must have shape (B,)")
            self.memory = [m.masked_fill(mask[:, None], 0) for m in self.memory]
