# right: the library does it all, pack_sequence and unpack_sequence
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("run_batch needs at least one sequence")
    packed, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    return unpack_sequence(packed), state
