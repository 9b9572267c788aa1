# right: nested Python lists of 0.0 turned into a tensor
import torch


def init_hidden(rnn, batch_size):
    weight = rnn.weight_ih_l0
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)

    def from_lists(features):
        data = [[[0.0 for _ in range(features)] for _ in range(batch_size)] for _ in range(rows)]
        return torch.tensor(data, dtype=weight.dtype, device=weight.device)

    if "LSTM" in rnn.mode:
        return from_lists(rnn.proj_size or rnn.hidden_size), from_lists(rnn.hidden_size)
    return from_lists(rnn.hidden_size)
