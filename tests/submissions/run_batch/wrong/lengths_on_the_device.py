# wrong: puts the lengths on the sequences' device, pack_padded_sequence wants them on the CPU
# misconception: none
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    device = sequences[0].device
    lengths = torch.tensor([s.size(0) for s in sequences], device=device)
    padded = pad_sequence(sequences)
    packed = pack_padded_sequence(padded, lengths, enforce_sorted=False)
    out, state = rnn(packed, state)
    out, lengths = pad_packed_sequence(out)
    return [out[:n, i] for i, n in enumerate(lengths.tolist())], state
