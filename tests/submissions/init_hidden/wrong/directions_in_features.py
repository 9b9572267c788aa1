# wrong: the two directions are joined in the features, as in the output
# misconception: none
import torch


def init_hidden(rnn, batch_size):
    w = rnn.weight_hh_l0
    num_directions = 2 if rnn.bidirectional else 1
    h_features = num_directions * (rnn.proj_size or rnn.hidden_size)
    h = torch.zeros(rnn.num_layers, batch_size, h_features, dtype=w.dtype, device=w.device)
    if rnn.mode != "LSTM":
        return h
    c_features = num_directions * rnn.hidden_size
    return h, torch.zeros(rnn.num_layers, batch_size, c_features, dtype=w.dtype, device=w.device)
