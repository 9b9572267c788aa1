# wrong: an empty list gives an empty list and the state back instead of a ValueError
# misconception: none
import torch
from torch.nn.utils.rnn import pad_packed_sequence, pad_sequence, pack_padded_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        return [], state
    lengths = torch.tensor([len(s) for s in sequences])
    packed = pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=False)
    out, state = rnn(packed, state)
    out, _ = pad_packed_sequence(out)
    return [out[:n, i] for i, n in enumerate(lengths)], state
