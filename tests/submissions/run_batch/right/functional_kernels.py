# right: each layer and direction is called as torch.lstm, torch.gru or torch.rnn_tanh with its own weights
import torch
from torch import nn


def little(rnn, layer, suffix, x, hx):
    names = ["weight_ih", "weight_hh"] + ["bias_ih", "bias_hh"] * rnn.bias + ["weight_hr"] * bool(rnn.proj_size)
    flat = [getattr(rnn, f"{n}_l{layer}{suffix}") for n in names]
    args = (flat, rnn.bias, 1, 0.0, rnn.training, False, False)
    x = x.unsqueeze(1)
    if rnn.mode == "LSTM":
        y, h, c = torch.lstm(x, [p[None, None] for p in hx], *args)
        return y[:, 0], (h[0, 0], c[0, 0])
    y, h = {"GRU": torch.gru, "RNN_TANH": torch.rnn_tanh, "RNN_RELU": torch.rnn_relu}[rnn.mode](x, hx[0][None, None], *args)
    return y[:, 0], (h[0, 0],)


def single(rnn, x, parts):
    """One sequence (T, I); parts: list of (L*D, features)."""
    finals = []
    for layer in range(rnn.num_layers):
        ys = []
        for d in range(2 if rnn.bidirectional else 1):
            row = layer * (2 if rnn.bidirectional else 1) + d
            y, f = little(rnn, layer, ["", "_reverse"][d], x.flip(0) if d else x, [p[row] for p in parts])
            ys.append(y.flip(0) if d else y)
            finals.append(f)
        x = torch.cat(ys, dim=-1)
    return x, [torch.stack(p) for p in zip(*finals)]


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("nothing to run")
    lstm = isinstance(rnn, nn.LSTM)
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    if state is None:
        z = lambda f: sequences[0].new_zeros(rows, len(sequences), f)
        parts = [z(rnn.proj_size or rnn.hidden_size)] + [z(rnn.hidden_size)] * lstm
    else:
        parts = list(state) if lstm else [state]
    outs, fins = [], []
    for i, x in enumerate(sequences):
        y, f = single(rnn, x, [p[:, i] for p in parts])
        outs.append(y)
        fins.append(f)
    final = [torch.stack(p, dim=1) for p in zip(*fins)]
    return outs, tuple(final) if lstm else final[0]
