# wrong: the final c of an LSTM is collected with .data, cut from the graph
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    if not isinstance(rnn, torch.nn.LSTM):
        pairs = [rnn(x, None if state is None else state[:, i].contiguous()) for i, x in enumerate(sequences)]
        return [y for y, _ in pairs], torch.stack([h for _, h in pairs], dim=1)

    D = 2 if rnn.bidirectional else 1
    c_n = sequences[0].new_zeros(D * rnn.num_layers, len(sequences), rnn.hidden_size)
    outputs, h_n = [], []
    for i, x in enumerate(sequences):
        start = None
        if state is not None:
            start = state[0][:, i].contiguous(), state[1][:, i].contiguous()
        y, (h, c) = rnn(x, start)
        outputs.append(y)
        h_n.append(h)
        c_n.data[:, i] = c.data
    return outputs, (torch.stack(h_n, dim=1), c_n)
