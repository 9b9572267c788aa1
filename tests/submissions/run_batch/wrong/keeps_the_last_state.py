# wrong: keeps the final state, graph and all, in a module-level list of the history
# misconception: none
from torch.nn.utils.rnn import pack_sequence, unpack_sequence

history = []


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("empty batch")
    packed, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    history.append(state)  # to plot the hidden states later
    return unpack_sequence(packed), state
