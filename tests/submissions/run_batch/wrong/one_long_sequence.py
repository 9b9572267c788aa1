# wrong: glues equally long sequences together and runs them as one, state and all
# misconception: state_carried_over
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("sequences is empty")
    packed = pack_sequence(sequences, enforce_sorted=False)
    out, final = rnn(packed, state)
    lengths = [len(s) for s in sequences]
    if len(set(lengths)) > 1 or state is not None:
        return unpack_sequence(out), final

    # all the same length: no padding, one big tensor is faster
    everything, _ = rnn(torch.cat(list(sequences)))
    return list(everything.split(lengths)), final
