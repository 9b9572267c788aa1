# wrong: takes and returns a batch-first state when the module is batch_first
# misconception: none
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def flip(state):
    if isinstance(state, torch.Tensor):
        return state.transpose(0, 1).contiguous()
    return tuple(s.transpose(0, 1).contiguous() for s in state)


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("sequences is an empty list")
    if rnn.batch_first and state is not None:
        state = flip(state)
    packed, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    if rnn.batch_first:
        state = flip(state)
    return unpack_sequence(packed), state
