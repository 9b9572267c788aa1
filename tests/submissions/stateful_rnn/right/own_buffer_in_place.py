# right: one buffer of its own, written in place; the rnn works on a copy of it
import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn should not be bidirectional")
        self.rnn = rnn
        self.lstm = isinstance(rnn, nn.LSTM)
        self.memory = None

    @property
    def state(self):
        if self.memory is None:
            return None
        # copies: the memory itself is overwritten by the next call
        copies = tuple(m.clone() for m in self.memory)
        return copies if self.lstm else copies[0]

    def forward(self, inputs):
        if self.memory is not None and inputs.size(1) != self.memory[0].size(1):
            raise ValueError(f"batch size {inputs.size(1)} does not match {self.memory[0].size(1)}")
        outputs, state = self.rnn(inputs, self.state)
        new = state if self.lstm else (state,)
        with torch.no_grad():
            if self.memory is None:
                self.memory = [torch.empty_like(n) for n in new]
            for m, n in zip(self.memory, new):
                m.copy_(n)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.memory = None
        elif self.memory is not None:
            if mask.shape != self.memory[0].shape[1:2]:
                raise ValueError("mask should be of shape (B,)")
            for m in self.memory:
                m.masked_fill_(mask.unsqueeze(1), 0)
