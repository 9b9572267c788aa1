# wrong: sequences and initial state are sorted by two sorts that break ties differently
# misconception: none
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("nothing in the batch")
    n = len(sequences)
    order = sorted(range(n), key=lambda i: len(sequences[i]), reverse=True)
    back = [order.index(i) for i in range(n)]
    lstm = isinstance(rnn, torch.nn.LSTM)

    if state is not None:
        by_length = sorted(range(n), key=lambda i: len(sequences[i]))[::-1]
        state = tuple(s[:, by_length] for s in state) if lstm else state[:, by_length]

    packed, final = rnn(pack_sequence([sequences[i] for i in order]), state)
    outputs = unpack_sequence(packed)
    final = tuple(s[:, back] for s in final) if lstm else final[:, back]
    return [outputs[k] for k in back], final
