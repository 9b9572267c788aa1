# wrong: makes the zero state in the default dtype, which a float64 module refuses
# misconception: default_dtype
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    device = rnn.weight_ih_l0.device
    if state is None:
        rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
        out_size = rnn.proj_size if rnn.proj_size else rnn.hidden_size
        state = torch.zeros(rows, len(sequences), out_size, device=device)
        if isinstance(rnn, torch.nn.LSTM):
            state = state, torch.zeros(rows, len(sequences), rnn.hidden_size, device=device)
    packed, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    return unpack_sequence(packed), state
