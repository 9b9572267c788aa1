# wrong: pads into a tensor of the default dtype
# misconception: buffer_in_default_dtype
import torch
from torch import nn


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("empty")
    lengths = [len(s) for s in sequences]
    padded = torch.zeros(max(lengths), len(sequences), rnn.input_size)
    for i, s in enumerate(sequences):
        padded[: len(s), i] = s
    packed = nn.utils.rnn.pack_padded_sequence(padded, lengths, enforce_sorted=False)
    out, final = rnn(packed, state)
    out, _ = nn.utils.rnn.pad_packed_sequence(out)
    return [out[:n, i] for i, n in enumerate(lengths)], final
