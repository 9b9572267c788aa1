# wrong: starts from the last call's final state if the batch has the same size and none is given
# misconception: none
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence

remembered = {}


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    key = (rnn, len(sequences))
    if state is None:
        state = remembered.get(key)
    packed, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    if torch.is_tensor(state):
        remembered[key] = state.detach()
    else:
        remembered[key] = tuple(s.detach() for s in state)
    return unpack_sequence(packed), state
