# wrong: the first axis counts the layers only
# misconception: directions_forgotten
import torch
import torch.nn as nn


def init_hidden(rnn, batch_size):
    weight = next(rnn.parameters()).data
    hidden = weight.new(rnn.num_layers, batch_size, rnn.proj_size or rnn.hidden_size).zero_()
    if isinstance(rnn, nn.LSTM):
        cell = weight.new(rnn.num_layers, batch_size, rnn.hidden_size).zero_()
        return (hidden, cell)
    return hidden
