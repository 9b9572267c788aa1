# wrong: a right state is turned into float32 at the end
# misconception: default_dtype
from torch import nn


def init_hidden(rnn, batch_size):
    w = rnn.weight_ih_l0
    rows = rnn.num_layers * (int(rnn.bidirectional) + 1)
    sizes = [rnn.hidden_size]
    if isinstance(rnn, nn.LSTM):
        sizes = [rnn.proj_size or rnn.hidden_size, rnn.hidden_size]
    state = [w.new_zeros(rows, batch_size, size).float() for size in sizes]
    return tuple(state) if len(state) == 2 else state[0]
