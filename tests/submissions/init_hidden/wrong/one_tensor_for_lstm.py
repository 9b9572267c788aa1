# wrong: every module gets a single tensor, also the LSTM
# misconception: one_tensor_for_lstm
import torch


def init_hidden(rnn, batch_size):
    weight = rnn.weight_ih_l0
    directions = 2 if rnn.bidirectional else 1
    features = rnn.proj_size if rnn.proj_size else rnn.hidden_size
    return torch.zeros(
        rnn.num_layers * directions,
        batch_size,
        features,
        dtype=weight.dtype,
        device=weight.device,
    )
