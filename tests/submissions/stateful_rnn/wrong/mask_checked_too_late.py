# wrong: a mask that is too short is applied first and refused afterwards
# misconception: state_updated_before_error
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn is bidirectional")
        self.rnn = rnn
        self.parts = ()

    @property
    def state(self):
        if not self.parts:
            return None
        return self.parts if isinstance(self.rnn, nn.LSTM) else self.parts[0]

    def forward(self, inputs):
        if self.parts and self.parts[0].size(1) != inputs.size(1):
            raise ValueError("wrong batch size")
        outputs, new = self.rnn(inputs, self.state)
        self.parts = tuple(n.detach().clone() for n in (new if isinstance(new, tuple) else (new,)))
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.parts = ()
            return
        if not self.parts:
            return
        batch = self.parts[0].size(1)
        flags = mask.flatten().tolist()
        for i, flag in enumerate(flags):
            if i >= batch:
                raise ValueError("mask too long")
            if flag:
                for part in self.parts:
                    part[:, i] = 0
        if mask.dim() != 1 or len(flags) < batch:
            raise ValueError("mask too short")
