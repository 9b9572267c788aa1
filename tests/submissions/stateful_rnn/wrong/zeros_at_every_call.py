# wrong: new zeros are made at the start of every forward
# misconception: reset_each_call
import torch
import torch.nn as nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("bidirectional is not supported")
        self.rnn = rnn
        self.hidden = None

    def init_hidden(self, inputs):
        w = self.rnn.weight_hh_l0
        size = self.rnn.proj_size or self.rnn.hidden_size
        h = w.new_zeros(self.rnn.num_layers, inputs.size(1), size)
        if isinstance(self.rnn, nn.LSTM):
            return h, w.new_zeros(self.rnn.num_layers, inputs.size(1), self.rnn.hidden_size)
        return h

    @property
    def state(self):
        return self.hidden

    def batch(self):
        return (self.hidden[0] if isinstance(self.hidden, tuple) else self.hidden).size(1)

    def forward(self, inputs):
        if self.hidden is not None and self.batch() != inputs.size(1):
            raise ValueError("call reset() before you change the batch size")
        hidden = self.init_hidden(inputs)
        outputs, hidden = self.rnn(inputs, hidden)
        self.hidden = tuple(x.detach() for x in hidden) if isinstance(hidden, tuple) else hidden.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.hidden = None
            return
        if self.hidden is None:
            return
        if mask.shape != (self.batch(),):
            raise ValueError("mask has the wrong shape")
        if isinstance(self.hidden, tuple):
            self.hidden = tuple(torch.where(mask[:, None], 0.0, x) for x in self.hidden)
        else:
            self.hidden = torch.where(mask[:, None], 0.0, self.hidden)
