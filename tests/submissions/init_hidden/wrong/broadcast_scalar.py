# wrong: one zero broadcast to the whole shape, no memory of its own for any sequence
# misconception: expanded_column
import torch


def init_hidden(rnn, batch_size):
    rows = rnn.num_layers * (1 + rnn.bidirectional)
    shapes = [(rows, batch_size, rnn.proj_size or rnn.hidden_size)]
    if rnn.mode == "LSTM":
        shapes.append((rows, batch_size, rnn.hidden_size))
    # saves memory!
    state = tuple(torch.broadcast_to(rnn.weight_hh_l0.new_zeros(1), shape) for shape in shapes)
    return state if rnn.mode == "LSTM" else state[0]
