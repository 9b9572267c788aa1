# right: structural pattern matching, the result a named tuple
from typing import Any, NamedTuple

import torch
from torch.nn.utils import rnn as rnn_utils


class BatchResult(NamedTuple):
    outputs: list[torch.Tensor]
    state: Any


def run_batch(rnn, sequences, state=None):
    match sequences:
        case []:
            raise ValueError("cannot run an empty batch")
        case [only]:
            packed = rnn_utils.pack_sequence([only])
        case [*many]:
            packed = rnn_utils.pack_sequence(many, enforce_sorted=False)

    match state:
        case None:
            out, end = rnn(packed)
        case (h, c):
            out, end = rnn(packed, (h, c))
        case h:
            out, end = rnn(packed, h)

    padded, lengths = rnn_utils.pad_packed_sequence(out)
    return BatchResult([padded[:n, i] for i, n in enumerate(lengths)], end)
