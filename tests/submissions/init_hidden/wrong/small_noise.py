# wrong: zeros with a little noise, to break the symmetry
# misconception: random_state
import torch


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    D = 1 + int(rnn.bidirectional)

    def make(features):
        zeros = w.new_zeros(rnn.num_layers * D, batch_size, features)
        return zeros + 1e-4 * torch.rand_like(zeros)

    if isinstance(rnn, torch.nn.LSTM):
        return make(rnn.proj_size or rnn.hidden_size), make(rnn.hidden_size)
    return make(rnn.hidden_size)
