# wrong: the state lives in a default argument, which all instances share
# misconception: state_shared
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn, memory=[]):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn must be unidirectional")
        self.rnn = rnn
        self.memory = memory
        self.memory.clear()

    @property
    def state(self):
        if not self.memory:
            return None
        return tuple(self.memory) if isinstance(self.rnn, nn.LSTM) else self.memory[0]

    def forward(self, inputs):
        if self.memory and self.memory[0].size(1) != inputs.size(1):
            raise ValueError("batch size changed")
        outputs, new = self.rnn(inputs, self.state)
        self.memory[:] = [n.detach() for n in (new if isinstance(new, tuple) else [new])]
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.memory.clear()
        elif self.memory:
            if mask.shape != (self.memory[0].size(1),):
                raise ValueError("mask must have shape (B,)")
            self.memory[:] = [m.masked_fill(mask[:, None], 0) for m in self.memory]
