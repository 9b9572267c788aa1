# wrong: puts the batch axis of the state first when the module is batch_first
# misconception: batch_axis_first
import torch
from torch import nn


class StateBuilder:
    def __init__(self, rnn):
        self.rnn = rnn
        self.weight = rnn.weight_ih_l0

    def build(self, batch_size, features):
        layers = self.rnn.num_layers * (1 + int(self.rnn.bidirectional))
        if self.rnn.batch_first:
            shape = (batch_size, layers, features)
        else:
            shape = (layers, batch_size, features)
        return torch.zeros(shape, dtype=self.weight.dtype, device=self.weight.device)


def init_hidden(rnn, batch_size):
    builder = StateBuilder(rnn)
    if isinstance(rnn, nn.LSTM):
        return builder.build(batch_size, rnn.proj_size or rnn.hidden_size), builder.build(batch_size, rnn.hidden_size)
    return builder.build(batch_size, rnn.hidden_size)
