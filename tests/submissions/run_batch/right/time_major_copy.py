# right: a shallow copy of the module with batch_first off, the caller's stays as it is
import copy

import torch


def run_batch(rnn, sequences, state=None):
    if not len(sequences):
        raise ValueError("no sequence given")
    clone = copy.copy(rnn)          # same weights, other settings
    clone.batch_first = False

    outs, finals = [], []
    for i in range(len(sequences)):
        if state is None:
            s = None
        elif isinstance(state, (list, tuple)):
            s = state[0][:, [i]], state[1][:, [i]]
        else:
            s = state[:, [i]]
        o, s = clone(sequences[i][:, None, :], s)
        outs.append(o[:, 0, :])
        finals.append(s)

    if isinstance(finals[0], tuple):
        h, c = zip(*finals)
        return outs, (torch.cat(h, 1), torch.cat(c, 1))
    return outs, torch.cat(finals, 1)
