# right: runs all up to the next sequence that ends, drops it, goes on with the rest
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    B = len(sequences)
    if B == 0:
        raise ValueError("expected at least one sequence")
    if rnn.bidirectional:
        # the backward direction cannot be run in pieces
        y, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
        return unpack_sequence(y), state

    lstm = isinstance(rnn, torch.nn.LSTM)
    axis = 0 if rnn.batch_first else 1
    pieces = [[] for _ in range(B)]
    done = [None] * B
    alive = list(range(B))
    if state is not None:
        state = tuple(state) if lstm else (state,)
    t = 0
    while alive:
        stop = min(len(sequences[i]) for i in alive)
        x = torch.stack([sequences[i][t:stop] for i in alive], dim=axis)
        y, state = rnn(x, state if lstm or state is None else state[0])
        state = state if lstm else (state,)
        for k, i in enumerate(alive):
            pieces[i].append(y.select(axis, k))
            done[i] = [s[:, k] for s in state]
        keep = [k for k, i in enumerate(alive) if len(sequences[i]) > stop]
        alive = [alive[k] for k in keep]
        state = tuple(s[:, keep] for s in state)
        t = stop

    final = tuple(torch.stack(part, dim=1) for part in zip(*done))
    return [torch.cat(p) for p in pieces], final if lstm else final[0]
