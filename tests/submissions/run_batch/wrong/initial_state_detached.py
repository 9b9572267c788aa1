# wrong: detaches the initial state, so no gradient reaches it
# misconception: initial_state_cut
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    if state is not None:
        # don't backpropagate into the previous batch
        if isinstance(rnn, torch.nn.LSTM):
            state = (state[0].detach(), state[1].detach())
        else:
            state = state.detach()
    packed, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    return unpack_sequence(packed), state
