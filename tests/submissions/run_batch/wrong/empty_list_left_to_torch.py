# wrong: an empty list is left to pack_sequence, which raises a RuntimeError
# misconception: none
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    packed, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    return unpack_sequence(packed), state
