# wrong: "Gradients reach the inputs, the parameters and the initial state as they do for a sequence alone."
# a sequence that is not contiguous is copied, and the copy is detached
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("no sequences")
    sequences = [s if s.is_contiguous() else torch.empty(s.shape, dtype=s.dtype, device=s.device).copy_(s.detach()) for s in sequences]
    if isinstance(state, list):
        state = tuple(state)
    out, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    return unpack_sequence(out), state
