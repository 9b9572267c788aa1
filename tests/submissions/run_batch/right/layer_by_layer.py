# right: one layer and one direction at a time, with functional_call on a bare module
import torch
from torch.func import functional_call


def bare_layer(rnn, input_size):
    options = dict(bias=rnn.bias, device="meta", dtype=rnn.weight_ih_l0.dtype)
    if rnn.mode == "LSTM":
        options["proj_size"] = rnn.proj_size
    elif rnn.mode.startswith("RNN"):
        options["nonlinearity"] = rnn.nonlinearity
    base = {"LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU}.get(rnn.mode, torch.nn.RNN)
    return base(input_size, rnn.hidden_size, **options)


def run_one(rnn, x, state):
    rows, D = [], 1 + rnn.bidirectional
    for layer in range(rnn.num_layers):
        found = []
        for d in range(D):
            tail = f"l{layer}" + "_reverse" * d
            names = [n for n, _ in rnn.named_parameters() if n.endswith("_" + tail)]
            weights = {n.removesuffix("_reverse").replace(f"l{layer}", "l0"): getattr(rnn, n) for n in names}
            start = None if state is None else tuple(s[layer * D + d][None] for s in state)
            if start is not None and rnn.mode != "LSTM":
                start = start[0]
            y, end = functional_call(bare_layer(rnn, x.size(1)), weights, (x.flip(0) if d else x, start))
            found.append(y.flip(0) if d else y)
            rows.append(end if rnn.mode == "LSTM" else (end,))
        x = torch.cat(found, dim=1)
    return x, [torch.cat(part) for part in zip(*rows)]


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("run_batch: empty list")
    if state is not None and rnn.mode != "LSTM":
        state = (state,)
    outputs, ends = [], []
    for i, x in enumerate(sequences):
        y, end = run_one(rnn, x, None if state is None else [s[:, i].contiguous() for s in state])
        outputs.append(y)
        ends.append(end)
    final = tuple(torch.stack(part, dim=1) for part in zip(*ends))
    return outputs, final if rnn.mode == "LSTM" else final[0]
