# wrong: sorts the sequences and restores the results, but gives the initial state unsorted
# misconception: initial_state_not_sorted
import torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("empty")
    # sort by length (longest first), pack_sequence wants that
    order = sorted(range(len(sequences)), key=lambda i: -len(sequences[i]))
    back = [order.index(i) for i in range(len(sequences))]
    packed = pack_sequence([sequences[i] for i in order])

    out, state = rnn(packed, state)

    out, lengths = pad_packed_sequence(out)
    outputs = [out[:lengths[k], k] for k in back]
    if isinstance(rnn, torch.nn.LSTM):
        return outputs, (state[0][:, back], state[1][:, back])
    return outputs, state[:, back]
