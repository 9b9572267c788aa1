# wrong: sorts the caller's list in place (the results are right)
# misconception: none
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def reorder(state, index):
    if torch.is_tensor(state):
        return state[:, index].contiguous()
    return tuple(reorder(s, index) for s in state)


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    # remember where each one was, then sort, longest first
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]), reverse=True)
    back = sorted(range(len(order)), key=lambda k: order[k])
    sequences.sort(key=len, reverse=True)

    packed, final = rnn(pack_sequence(sequences), None if state is None else reorder(state, order))
    outputs = unpack_sequence(packed)
    return [outputs[k] for k in back], reorder(final, back)
