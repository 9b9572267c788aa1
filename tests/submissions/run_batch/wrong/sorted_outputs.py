# wrong: sorts by length, puts the state back, but hands the outputs out in sorted order
# misconception: sorted_outputs_not_restored
import torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("empty batch")
    lengths = torch.tensor([len(s) for s in sequences])
    lengths, perm = torch.sort(lengths, descending=True)
    unperm = torch.argsort(perm).tolist()
    perm = perm.tolist()

    packed = pack_sequence([sequences[i] for i in perm])
    if state is not None:
        if isinstance(rnn, torch.nn.LSTM):
            state = (state[0][:, perm], state[1][:, perm])
        else:
            state = state[:, perm]
    out, state = rnn(packed, state)
    if isinstance(rnn, torch.nn.LSTM):
        state = (state[0][:, unperm], state[1][:, unperm])
    else:
        state = state[:, unperm]

    out, _ = pad_packed_sequence(out, batch_first=True)
    outputs = [o[:n] for o, n in zip(out, lengths)]
    return outputs, state
