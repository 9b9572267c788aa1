# wrong: the padded tensors are written back into the caller's list
# misconception: none
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("Need at least 1 sequence")
    lengths = [s.size(0) for s in sequences]
    longest = max(lengths)
    for i in range(len(sequences)):
        sequences[i] = F.pad(sequences[i], (0, 0, 0, longest - lengths[i]))
    x = torch.stack(sequences, dim=1)
    out, state = rnn(pack_padded_sequence(x, lengths, enforce_sorted=False), state)
    out, _ = pad_packed_sequence(out)
    return [out[:n, i] for i, n in enumerate(lengths)], state
