# right: gives the LSTM its pair as a list
import torch


def init_hidden(rnn, batch_size):
    p = list(rnn.parameters())[0]
    num_directions = int(rnn.bidirectional) + 1
    features = [rnn.hidden_size]
    if rnn.mode == "LSTM":
        features.insert(0, rnn.proj_size or rnn.hidden_size)
    hidden = [
        torch.zeros([rnn.num_layers * num_directions, batch_size, f], dtype=p.dtype, device=p.device)
        for f in features
    ]
    if len(hidden) == 1:
        return hidden[0]
    return hidden
