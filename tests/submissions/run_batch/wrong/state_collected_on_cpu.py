# wrong: the buffers for the final state are made on the CPU, whatever the module's device
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
    dtype = sequences[0].dtype
    h_n = torch.zeros(rows, len(sequences), rnn.proj_size or rnn.hidden_size, dtype=dtype)
    c_n = torch.zeros(rows, len(sequences), rnn.hidden_size, dtype=dtype)
    outputs = []
    for i, x in enumerate(sequences):
        if isinstance(rnn, torch.nn.LSTM):
            s = None if state is None else (state[0][:, i].contiguous(), state[1][:, i].contiguous())
            y, (h, c) = rnn(x, s)
            c_n[:, i] = c
        else:
            y, h = rnn(x, None if state is None else state[:, i].contiguous())
        h_n[:, i] = h
        outputs.append(y)
    return outputs, (h_n, c_n) if isinstance(rnn, torch.nn.LSTM) else h_n
