# wrong: puts the outputs back by looking up each length, which finds the first of a tie twice
# misconception: none
from torch.nn.utils.rnn import pack_sequence, unpack_sequence
import torch


def columns(state, index):
    if isinstance(state, (tuple, list)):
        return tuple(columns(s, index) for s in state)
    return torch.stack([state[:, i] for i in index], dim=1)


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("sequences: []")
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]), reverse=True)
    sorted_lengths = [len(sequences[i]) for i in order]
    if state is not None:
        state = columns(state, order)

    packed, state = rnn(pack_sequence([sequences[i] for i in order]), state)
    sorted_outputs = unpack_sequence(packed)

    outputs = []
    for s in sequences:
        outputs.append(sorted_outputs[sorted_lengths.index(len(s))])
    back = [order.index(i) for i in range(len(sequences))]
    return outputs, columns(state, back)
