# wrong: outputs and state are put back with the order that sorted them, not its inverse
# misconception: order_taken_for_inverse
from torch.nn.utils.rnn import pack_sequence, unpack_sequence
import torch


def pick(state, order):
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state[:, order]
    return tuple(part[:, order] for part in state)


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]), reverse=True)
    packed, final = rnn(pack_sequence([sequences[i] for i in order]), pick(state, order))
    outputs = unpack_sequence(packed)
    outputs, final = [outputs[k] for k in order], pick(final, order)
    return outputs, final
