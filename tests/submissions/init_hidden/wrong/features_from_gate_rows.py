# wrong: the features of h are read from the rows of the gates, which are never projected
# misconception: proj_size_ignored
import torch

GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "GRU": 3, "LSTM": 4}


def init_hidden(rnn, batch_size):
    w = rnn.weight_hh_l0
    features = w.size(0) // GATES[rnn.mode]
    layers = len(rnn.all_weights)
    h = w.new_zeros(layers, batch_size, features)
    if rnn.mode == "LSTM":
        return h, torch.zeros_like(h)
    return h
