# right: verbose beginner code, one branch for each case
import torch
import torch.nn as nn


def init_hidden(rnn, batch_size):
    # how many layers are there?
    number_of_layers = rnn.num_layers

    # how many directions are there?
    if rnn.bidirectional == True:
        number_of_directions = 2
    else:
        number_of_directions = 1

    first_dimension = number_of_layers * number_of_directions

    # take the type and the device from the weights
    my_dtype = rnn.weight_ih_l0.dtype
    my_device = rnn.weight_ih_l0.device

    if isinstance(rnn, nn.LSTM):
        if rnn.proj_size > 0:
            h_features = rnn.proj_size
        else:
            h_features = rnn.hidden_size
        h0 = torch.zeros(first_dimension, batch_size, h_features, dtype=my_dtype, device=my_device)
        c0 = torch.zeros(first_dimension, batch_size, rnn.hidden_size, dtype=my_dtype, device=my_device)
        return (h0, c0)
    else:
        h0 = torch.zeros(first_dimension, batch_size, rnn.hidden_size, dtype=my_dtype, device=my_device)
        return h0
