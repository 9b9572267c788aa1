# wrong: the module is turned into float32 and back, which rounds the weights of a double one
# misconception: module_converted
import torch


def init_hidden(rnn, batch_size):
    dtype = next(rnn.parameters()).dtype
    rnn.float()
    states = rnn.num_layers * (2 if rnn.bidirectional else 1)
    device = next(rnn.parameters()).device
    sizes = [rnn.proj_size or rnn.hidden_size] + [rnn.hidden_size] * (rnn.mode == "LSTM")
    state = [torch.zeros(states, batch_size, size, device=device).to(dtype) for size in sizes]
    rnn.to(dtype)
    return tuple(state) if len(state) == 2 else state[0]
