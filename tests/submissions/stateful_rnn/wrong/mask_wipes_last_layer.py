# wrong: reset(mask) zeroes the last layer only
# misconception: mask_for_one_layer
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("unidirectional, please")
        self.rnn = rnn
        self.parts = None

    @property
    def state(self):
        if self.parts is None:
            return None
        return self.parts if len(self.parts) == 2 else self.parts[0]

    def forward(self, inputs):
        if self.parts is not None and self.parts[0].shape[1] != inputs.shape[1]:
            raise ValueError("batch size changed, reset first")
        outputs, new = self.rnn(inputs, self.state)
        self.parts = tuple(n.detach() for n in new) if isinstance(new, tuple) else (new.detach(),)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.parts = None
        elif self.parts is not None:
            if mask.shape != self.parts[0].shape[1:2]:
                raise ValueError("wrong mask shape")
            parts = tuple(p.clone() for p in self.parts)
            for p in parts:
                p[-1][mask] = 0
            self.parts = parts
