# wrong: pads in front, so the last step is right for all, but the forward state starts on padding
# misconception: none
import torch
import torch.nn.functional as F


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    T = max(len(s) for s in sequences)
    # zeros first: then every sequence ends at the same step and h_n is what we want
    x = [F.pad(s, (0, 0, T - len(s), 0)) for s in sequences]
    dim = 0 if rnn.batch_first else 1
    out, state = rnn(torch.stack(x, dim=dim), state)
    outputs = [o[T - len(s):] for o, s in zip(out.unbind(dim), sequences)]
    return outputs, state
