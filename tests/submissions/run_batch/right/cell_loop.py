# right: the gate equations by hand, with a mask for the sequences that have ended
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence


def one_step(rnn, weights, x, h, c):
    weights = list(weights)
    projection = weights.pop() if rnn.proj_size else None
    w_ih, w_hh, b_ih, b_hh = weights if rnn.bias else weights + [None, None]
    from_x, from_h = F.linear(x, w_ih, b_ih), F.linear(h, w_hh, b_hh)
    if rnn.mode == "LSTM":
        i, f, g, o = (from_x + from_h).chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        return (h if projection is None else F.linear(h, projection)), c
    if rnn.mode == "GRU":
        xr, xz, xn = from_x.chunk(3, dim=1)
        hr, hz, hn = from_h.chunk(3, dim=1)
        z = (xz + hz).sigmoid()
        n = (xn + (xr + hr).sigmoid() * hn).tanh()
        return (1 - z) * n + z * h, c
    return (torch.relu if rnn.mode == "RNN_RELU" else torch.tanh)(from_x + from_h), c


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("run_batch got an empty list")
    x = pad_sequence(list(sequences))
    steps, batch, _ = x.shape
    time = torch.arange(steps, device=x.device)
    lengths = torch.tensor([len(s) for s in sequences], device=x.device)
    mask = (time[:, None] < lengths).unsqueeze(-1)

    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h0 = c0 = None
    if state is not None:
        h0, c0 = state if rnn.mode == "LSTM" else (state, None)
    if h0 is None:
        h0 = x.new_zeros(rows, batch, rnn.proj_size or rnn.hidden_size)
    if c0 is None:
        c0 = x.new_zeros(rows, batch, rnn.hidden_size)

    last_h, last_c, row = [], [], 0
    for layer in range(rnn.num_layers):
        directions = []
        for backward in ([False, True] if rnn.bidirectional else [False]):
            h, c, out = h0[row], c0[row], [None] * steps
            for t in (reversed(range(steps)) if backward else range(steps)):
                new_h, new_c = one_step(rnn, rnn.all_weights[row], x[t], h, c)
                h, c = torch.where(mask[t], new_h, h), torch.where(mask[t], new_c, c)
                out[t] = h
            directions.append(torch.stack(out))
            last_h.append(h)
            last_c.append(c)
            row += 1
        x = torch.cat(directions, dim=2)

    outputs = [x[:len(s), i] for i, s in enumerate(sequences)]
    h, c = torch.stack(last_h), torch.stack(last_c)
    return outputs, (h, c) if rnn.mode == "LSTM" else h
