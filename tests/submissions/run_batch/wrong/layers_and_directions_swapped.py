# wrong: the rows of the final state are put in direction-major order, (D*L) for (L*D)
# misconception: none
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def split_directions(s, rnn):
    # all the forward rows, then all the backward rows
    return torch.cat([s[0::2], s[1::2]]) if rnn.bidirectional else s


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("empty list of sequences")
    out, final = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    if isinstance(final, tuple):
        final = tuple(split_directions(s, rnn) for s in final)
    else:
        final = split_directions(final, rnn)
    return unpack_sequence(out), final
