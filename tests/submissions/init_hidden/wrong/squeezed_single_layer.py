# wrong: squeezes the layer axis away when there is one layer and one direction
# misconception: no_layer_axis
import torch


def init_hidden(rnn, batch_size):
    w = next(rnn.parameters())
    n = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = w.new_zeros(n, batch_size, rnn.proj_size or rnn.hidden_size)
    if isinstance(rnn, torch.nn.LSTM):
        c = w.new_zeros(n, batch_size, rnn.hidden_size)
        return h.squeeze(0), c.squeeze(0)
    return h.squeeze(0)
