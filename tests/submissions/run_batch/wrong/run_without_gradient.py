# wrong: runs under no_grad, so no gradient reaches the weights or the sequences
# misconception: no_gradient_to_sequences
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


@torch.no_grad()
def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("empty list")
    packed, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    return unpack_sequence(packed), state
