# wrong: always adds the batch axis at 1, so with batch_first the steps are taken for sequences
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    outputs, h_n, c_n = [], [], []
    for i, x in enumerate(sequences):
        x = x.unsqueeze(1)  # (T, 1, I)
        if isinstance(rnn, torch.nn.LSTM):
            s = None if state is None else tuple(p[:, i:i + 1].contiguous() for p in state)
            out, (h, c) = rnn(x, s)
            c_n.append(c)
        else:
            s = None if state is None else state[:, i:i + 1].contiguous()
            out, h = rnn(x, s)
        h_n.append(h)
        outputs.append(out.squeeze(1))
    h_n = torch.cat(h_n, dim=1)
    return outputs, (h_n, torch.cat(c_n, dim=1)) if c_n else h_n
