# wrong: a condition with `or "GRU"` that is always true, so the LSTM branch is never reached
# misconception: one_tensor_for_lstm
import torch


def init_hidden(rnn, batch_size):
    w = rnn.weight_hh_l0
    first = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h0 = torch.zeros(first, batch_size, rnn.proj_size or rnn.hidden_size, dtype=w.dtype, device=w.device)
    if rnn.mode.startswith("RNN") or "GRU":
        return h0
    else:
        c0 = torch.zeros(first, batch_size, rnn.hidden_size, dtype=w.dtype, device=w.device)
        return h0, c0
