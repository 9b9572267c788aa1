# right: a loop over layers, directions and sequences that stacks single vectors
import torch
import torch.nn.functional as F


def zero_vector(size, like):
    return torch.zeros(size).to(like)


def build(rnn, batch_size, size):
    like = rnn.all_weights[0][0]
    layers = []
    for layer in range(rnn.num_layers):
        directions = ["forward", "backward"] if rnn.bidirectional else ["forward"]
        for direction in directions:
            column = []
            for i in range(batch_size):
                column.append(zero_vector(size, like))
            layers.append(torch.stack(column))
    return torch.stack(layers)


def init_hidden(rnn, batch_size):
    if rnn.mode == "LSTM":
        h_size = rnn.proj_size if rnn.proj_size else rnn.hidden_size
        return build(rnn, batch_size, h_size), build(rnn, batch_size, rnn.hidden_size)
    return build(rnn, batch_size, rnn.hidden_size)
