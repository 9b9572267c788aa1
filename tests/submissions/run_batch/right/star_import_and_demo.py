# right: star import from torch, unused imports, chatter on stderr, demo under __main__
from torch import *
from torch.nn.utils.rnn import *
import torch.nn as nn
import torch.nn.functional as F
import os, sys, random

DEBUG = True


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("give me at least one sequence")
    if DEBUG:
        print("running", len(sequences), "sequences", file=sys.stderr)
    lens = [s.size(0) for s in sequences]
    x = pad_sequence(sequences, batch_first=True)
    packed = pack_padded_sequence(x, lens, batch_first=True, enforce_sorted=False)
    y, s = rnn(packed, state)
    y, _ = pad_packed_sequence(y, batch_first=True)
    return [y[i, :n] for i, n in enumerate(lens)], s


if __name__ == "__main__":
    manual_seed(0)
    lstm = nn.LSTM(3, 4, bidirectional=True, batch_first=True)
    outs, (h, c) = run_batch(lstm, [randn(n, 3) for n in (2, 5, 1)])
    print([tuple(o.shape) for o in outs], tuple(h.shape), tuple(c.shape))
