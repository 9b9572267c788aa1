# wrong: own cells with a mask, but the backward direction runs over the padding first
# misconception: backward_on_padding
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence


def cell(rnn, w, x, h, c):
    bias = (w[2], w[3]) if rnn.bias else (None, None)
    a, b = F.linear(x, w[0], bias[0]), F.linear(h, w[1], bias[1])
    if rnn.mode == "LSTM":
        i, f, g, o = (a + b).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return (F.linear(h, w[-1]) if rnn.proj_size else h), c
    if rnn.mode == "GRU":
        (ar, az, an), (br, bz, bn) = a.chunk(3, 1), b.chunk(3, 1)
        z = torch.sigmoid(az + bz)
        n = torch.tanh(an + torch.sigmoid(ar + br) * bn)
        return (1 - z) * n + z * h, c
    return (F.relu(a + b) if rnn.mode == "RNN_RELU" else torch.tanh(a + b)), c


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("empty list")
    x = pad_sequence(sequences)
    T, B, _ = x.shape
    D = 2 if rnn.bidirectional else 1
    lengths = torch.tensor([len(s) for s in sequences], device=x.device)
    if state is None:
        h = list(x.new_zeros(rnn.num_layers * D, B, rnn.proj_size or rnn.hidden_size))
        c = list(x.new_zeros(rnn.num_layers * D, B, rnn.hidden_size))
    elif rnn.mode == "LSTM":
        h, c = list(state[0]), list(state[1])
    else:
        h, c = list(state), list(state)

    for layer in range(rnn.num_layers):
        halves = []
        for d in range(D):
            k = layer * D + d
            out = [None] * T
            for t in range(T) if d == 0 else range(T - 1, -1, -1):
                new_h, new_c = cell(rnn, rnn.all_weights[k], x[t], h[k], c[k])
                if d == 0:
                    on = (lengths > t)[:, None]
                    new_h, new_c = torch.where(on, new_h, h[k]), torch.where(on, new_c, c[k])
                # backward ends at step 0, which is never padding
                h[k], c[k] = new_h, new_c
                out[t] = h[k]
            halves.append(torch.stack(out))
        x = torch.cat(halves, -1)

    outputs = [x[:len(s), i] for i, s in enumerate(sequences)]
    h, c = torch.stack(h), torch.stack(c)
    return outputs, (h, c) if rnn.mode == "LSTM" else h
