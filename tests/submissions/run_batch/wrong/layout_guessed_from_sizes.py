# wrong: "It holds ... for a module built with `batch_first=True` too" -- the layout of the padded batch is looked up
# in its sizes: a batch-first module whose longest sequence has B steps gets time and batch swapped
import torch
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("no sequences")
    lens = [len(s) for s in sequences]
    x = pad_sequence(sequences, batch_first=rnn.batch_first)
    if x.shape[1] == len(lens):                # already (T, B, I)
        time_major = x
    else:
        time_major = x.transpose(0, 1)
    if isinstance(state, list):
        state = tuple(state)
    out, state = rnn(pack_padded_sequence(time_major, lens, enforce_sorted=False), state)
    return unpack_sequence(out), state
