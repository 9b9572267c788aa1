# wrong: the outputs are put back with the sorting order instead of its inverse
# misconception: sorted_outputs_not_restored
from torch.nn.utils.rnn import pack_sequence, unpack_sequence
import torch


def permute(state, order):
    if isinstance(state, torch.Tensor):
        return state[:, order].contiguous()
    return tuple(permute(s, order) for s in state)


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("run_batch() needs sequences")
    order = sorted(range(len(sequences)), key=lambda i: sequences[i].size(0), reverse=True)
    inverse = sorted(range(len(order)), key=order.__getitem__)

    if state is not None:
        state = permute(state, order)
    packed, state = rnn(pack_sequence([sequences[i] for i in order]), state)
    outputs = unpack_sequence(packed)
    return [outputs[i] for i in order], permute(state, inverse)
