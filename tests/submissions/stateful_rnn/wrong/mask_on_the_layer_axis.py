# wrong: the mask indexes the layer axis: an error, or the wrong rows when B equals the number of layers
# misconception: mask_on_layer_axis
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("rnn has two directions")
        self.rnn = rnn
        self.h = None
        self.c = None

    @property
    def state(self):
        return (self.h, self.c) if isinstance(self.rnn, nn.LSTM) and self.h is not None else self.h

    def forward(self, inputs):
        if self.h is not None and self.h.size(1) != inputs.size(1):
            raise ValueError("not the batch size of the last call")
        outputs, new = self.rnn(inputs, self.state)
        if isinstance(self.rnn, nn.LSTM):
            self.h, self.c = new[0].detach().clone(), new[1].detach().clone()
        else:
            self.h = new.detach().clone()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.h = self.c = None
        elif self.h is not None:
            if mask.shape != (self.h.size(1),):
                raise ValueError("mask: expected shape (B,)")
            self.h[mask] = 0
            if self.c is not None:
                self.c[mask] = 0
