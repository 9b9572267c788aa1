# wrong: a pair for every module, also for RNN and GRU
# misconception: pair_for_every_module
import torch


def init_hidden(rnn, batch_size):
    weight = next(rnn.parameters()).data
    n = rnn.num_layers * (2 if rnn.bidirectional else 1)
    hidden = (
        weight.new_zeros(n, batch_size, rnn.proj_size or rnn.hidden_size),
        weight.new_zeros(n, batch_size, rnn.hidden_size),
    )
    return hidden
