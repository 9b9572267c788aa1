# wrong: h starts anew for every sequence, the c of an LSTM is carried from the one before
# misconception: state_carried_over
import torch
from torch import nn


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no input")
    rows = rnn.num_layers * (1 + int(rnn.bidirectional))
    x0 = sequences[0]

    outputs, hs, cs = [], [], []
    if isinstance(rnn, nn.LSTM):
        c = x0.new_zeros(rows, rnn.hidden_size)
        for i, x in enumerate(sequences):
            if state is None:
                h = x0.new_zeros(rows, rnn.proj_size or rnn.hidden_size)
            else:
                h, c = state[0][:, i].contiguous(), state[1][:, i].contiguous()
            out, (h, c) = rnn(x, (h, c))
            outputs.append(out)
            hs.append(h)
            cs.append(c)
        return outputs, (torch.stack(hs, 1), torch.stack(cs, 1))

    for i, x in enumerate(sequences):
        h = x0.new_zeros(rows, rnn.hidden_size) if state is None else state[:, i].contiguous()
        out, h = rnn(x, h)
        outputs.append(out)
        hs.append(h)
    return outputs, torch.stack(hs, 1)
