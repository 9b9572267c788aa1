# wrong: runs in chunks of four to save memory, and the later chunks take the first columns
# misconception: none
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence

CHUNK = 4


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    outputs, finals = [], []
    for start in range(0, len(sequences), CHUNK):
        part = sequences[start:start + CHUNK]
        n = len(part)
        if state is None:
            s = None
        elif isinstance(rnn, torch.nn.LSTM):
            s = tuple(p[:, :n].contiguous() for p in state)
        else:
            s = state[:, :n].contiguous()
        packed, end = rnn(pack_sequence(part, enforce_sorted=False), s)
        outputs += unpack_sequence(packed)
        finals.append(end)
    if isinstance(rnn, torch.nn.LSTM):
        return outputs, tuple(torch.cat(f, dim=1) for f in zip(*finals))
    return outputs, torch.cat(finals, dim=1)
