# wrong: only a tuple is taken for the pair (h, c), a list is treated as one tensor
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("no sequences")
    outs, ends = [], []
    for i, seq in enumerate(sequences):
        if state is None:
            out, end = rnn(seq)
        elif type(state) is tuple:
            out, end = rnn(seq, tuple(s[:, i].contiguous() for s in state))
        else:
            out, end = rnn(seq, state[:, i].contiguous())
        outs.append(out)
        ends.append(end)
    if type(ends[0]) is tuple:
        return outs, (torch.stack([e[0] for e in ends], 1), torch.stack([e[1] for e in ends], 1))
    return outs, torch.stack(ends, 1)
