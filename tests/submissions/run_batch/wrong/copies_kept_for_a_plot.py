# Copies of all outputs are kept in a global, for a plot.
import torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence
KEPT = []

def run_batch(rnn, sequences, state=None):
    if not sequences: raise ValueError("empty")
    order = sorted(range(len(sequences)), key=lambda i: -len(sequences[i]))
    back = [order.index(i) for i in range(len(order))]
    take = lambda s, o: s[:, o] if torch.is_tensor(s) else tuple(x[:, o] for x in s)
    out, final = rnn(pack_sequence([sequences[i] for i in order]), None if state is None else take(state, order))
    padded, _ = pad_packed_sequence(out)
    outputs = [padded[: len(sequences[i]), back[i]] for i in range(len(sequences))]
    KEPT.append([o.detach().clone() for o in outputs])
    return outputs, take(final, back)
