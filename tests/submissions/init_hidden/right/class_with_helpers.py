# right: a small class hierarchy, one subclass for the LSTM
import torch
from torch import nn


class Initializer:
    def __init__(self, rnn):
        self.rnn = rnn
        self.param = next(iter(rnn.state_dict().values()))

    @property
    def leading(self):
        return self.rnn.num_layers * (1 + int(self.rnn.bidirectional))

    def zeros(self, batch_size, features):
        size = torch.Size((self.leading, batch_size, features))
        return torch.zeros(size, dtype=self.param.dtype, device=self.param.device)

    def __call__(self, batch_size):
        return self.zeros(batch_size, self.rnn.hidden_size)


class LSTMInitializer(Initializer):
    def __call__(self, batch_size):
        hidden = self.zeros(batch_size, self.rnn.proj_size or self.rnn.hidden_size)
        cell = super().__call__(batch_size)
        return hidden, cell


def init_hidden(rnn, batch_size):
    cls = LSTMInitializer if isinstance(rnn, nn.LSTM) else Initializer
    return cls(rnn)(batch_size)
