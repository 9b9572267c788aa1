# wrong: pads from .data, so no gradient reaches the sequences
# misconception: no_gradient_to_sequences
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    B = len(sequences)
    if B == 0:
        raise ValueError("empty")
    lengths = [s.shape[0] for s in sequences]
    padded = sequences[0].new_zeros(B, max(lengths), sequences[0].shape[1])
    for i in range(B):
        padded[i, :lengths[i]] = sequences[i].data
    packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
    output, final = rnn(packed, state)
    output, _ = pad_packed_sequence(output, batch_first=True)
    return [output[i, :lengths[i]] for i in range(B)], final
