# wrong: the zero state is made with hidden_size for the batch size (packing hides it while B is smaller)
# misconception: batch_equals_hidden
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("the batch is empty")
    D = 2 if rnn.bidirectional else 1
    H = rnn.hidden_size
    if state is None:
        x = sequences[0]
        state = x.new_zeros(D * rnn.num_layers, H, rnn.proj_size or H)
        if isinstance(rnn, torch.nn.LSTM):
            state = (state, x.new_zeros(D * rnn.num_layers, H, H))
    packed = pack_sequence(sequences, enforce_sorted=False)
    out, state = rnn(packed, state)
    return unpack_sequence(out), state
