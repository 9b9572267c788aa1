# wrong: returns the state of the last layer only
# misconception: last_layer_only
from torch import nn
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    directions = 2 if rnn.bidirectional else 1
    packed, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    if isinstance(rnn, nn.LSTM):
        h, c = state
        state = h[-directions:], c[-directions:]
    else:
        state = state[-directions:]
    return unpack_sequence(packed), state
