# wrong: the buffer for h has hidden_size features also when the LSTM projects
# misconception: projection_ignored
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    B, D = len(sequences), 2 if rnn.bidirectional else 1
    h_n = sequences[0].new_zeros(rnn.num_layers * D, B, rnn.hidden_size)
    c_n = torch.zeros_like(h_n)
    outputs = []
    for i, x in enumerate(sequences):
        if isinstance(rnn, torch.nn.LSTM):
            start = None if state is None else tuple(s[:, i].contiguous() for s in state)
            y, (h, c) = rnn(x, start)
            c_n[:, i] = c
        else:
            y, h = rnn(x, None if state is None else state[:, i].contiguous())
        h_n[:, i] = h
        outputs.append(y)
    return outputs, (h_n, c_n) if isinstance(rnn, torch.nn.LSTM) else h_n
