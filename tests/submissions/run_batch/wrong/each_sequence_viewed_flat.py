# wrong: sequences are flattened by view, which fails where memory is not contiguous
# misconception: none
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, unpack_sequence


def pad(sequences):
    lengths = [len(s) for s in sequences]
    features = sequences[0].size(1)
    flat = torch.cat([s.view(-1) for s in sequences])
    padded = flat.new_zeros(len(sequences), max(lengths), features)
    start = 0
    for i, n in enumerate(lengths):
        padded[i, :n] = flat[start : start + n * features].view(n, features)
        start += n * features
    return padded, lengths


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("list of sequences is empty")
    padded, lengths = pad(sequences)
    packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
    if isinstance(state, list):
        state = tuple(state)
    out, state = rnn(packed, state)
    return unpack_sequence(out), state
