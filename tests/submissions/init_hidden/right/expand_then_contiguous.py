# right: expand, then contiguous, so that every sequence has its own memory
import torch


def init_hidden(rnn, batch_size):
    weight = rnn.weight_ih_l0.data
    layers = rnn.num_layers * (2 if rnn.bidirectional else 1)
    sizes = [rnn.hidden_size]
    if isinstance(rnn, torch.nn.LSTM):
        sizes = [rnn.proj_size if rnn.proj_size != 0 else rnn.hidden_size, rnn.hidden_size]
    states = []
    for size in sizes:
        # zeros is called once for each size: h and c must not share
        start = torch.zeros(layers, 1, size, dtype=weight.dtype, device=weight.device)
        states.append(start.expand(layers, batch_size, size).contiguous())
    return states[0] if len(states) == 1 else tuple(states)
