# wrong: stacks the states batch-first and makes the shape right with view, so batch and layers mix
# misconception: view_for_transpose
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("`sequences` is empty")
    B = len(sequences)
    rows = rnn.num_layers * (2 if rnn.bidirectional else 1)

    outputs, h_all, c_all = [], [], []
    for i in range(B):
        if isinstance(rnn, torch.nn.LSTM):
            start = None if state is None else (state[0][:, i].contiguous(), state[1][:, i].contiguous())
            out, (h, c) = rnn(sequences[i], start)
            c_all.append(c)
        else:
            start = None if state is None else state[:, i].contiguous()
            out, h = rnn(sequences[i], start)
        outputs.append(out)
        h_all.append(h)

    h = torch.stack(h_all).view(rows, B, -1)
    if not c_all:
        return outputs, h
    return outputs, (h, torch.stack(c_all).view(rows, B, -1))
