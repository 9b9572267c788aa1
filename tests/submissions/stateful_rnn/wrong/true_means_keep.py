# wrong: True is taken for keep, by boolean indexing
# misconception: mask_inverted
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("give me a unidirectional rnn")
        self.rnn = rnn
        self.parts = None

    @property
    def state(self):
        if self.parts is None:
            return None
        return tuple(self.parts) if isinstance(self.rnn, nn.LSTM) else self.parts[0]

    def forward(self, inputs):
        if self.parts is not None and inputs.shape[1] != self.parts[0].shape[1]:
            raise ValueError("the batch size may only change after reset()")
        outputs, new = self.rnn(inputs, self.state)
        if not isinstance(new, tuple):
            new = (new,)
        self.parts = [n.detach() for n in new]
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.parts = None
            return
        if self.parts is None:
            return
        if mask.shape != self.parts[0].shape[1:2]:
            raise ValueError("mask must be (B,)")
        kept = []
        for part in self.parts:
            new = part.new_zeros(part.shape)
            new[:, mask] = part[:, mask]
            kept.append(new)
        self.parts = kept
