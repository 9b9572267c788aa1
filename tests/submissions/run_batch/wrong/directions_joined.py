# wrong: joins the two directions of the final state along the features, (L, B, D*H)
# misconception: none
import torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence


def join(s):
    return torch.cat([s[0::2], s[1::2]], dim=2)


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("`sequences` has no elements")
    out, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    if rnn.bidirectional:
        state = join(state) if torch.is_tensor(state) else tuple(join(s) for s in state)
    out, lengths = pad_packed_sequence(out)
    return [out[:l, i] for i, l in enumerate(lengths)], state
