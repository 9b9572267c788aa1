# wrong: the buffer for the final state is (L*D, H, B), which fits only when B equals H
# misconception: batch_equals_hidden
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences to run")
    B = len(sequences)
    layers = rnn.num_layers * (2 if rnn.bidirectional else 1)
    w = rnn.weight_ih_l0
    h_n = torch.zeros(layers, rnn.proj_size or rnn.hidden_size, B, dtype=w.dtype, device=w.device)
    c_n = torch.zeros(layers, rnn.hidden_size, B, dtype=w.dtype, device=w.device)

    outputs = []
    for i, x in enumerate(sequences):
        if isinstance(rnn, torch.nn.LSTM):
            s = None if state is None else tuple(p[:, i].contiguous() for p in state)
            out, (h_n[:, i], c_n[:, i]) = rnn(x, s)
        else:
            s = None if state is None else state[:, i].contiguous()
            out, h_n[:, i] = rnn(x, s)
        outputs.append(out)
    return outputs, (h_n, c_n) if isinstance(rnn, torch.nn.LSTM) else h_n
