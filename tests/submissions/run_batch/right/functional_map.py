# right: functional style, partial, map and zip instead of loops
from functools import partial
from itertools import repeat
from operator import methodcaller

import torch

stack_columns = partial(torch.stack, dim=1)


def split(state, n):
    if state is None:
        return repeat(None, n)
    if isinstance(state, torch.Tensor):
        return map(methodcaller("contiguous"), state.unbind(1))
    return zip(*map(lambda s: split(s, n), state))


def merge(states):
    first = states[0]
    return stack_columns(states) if torch.is_tensor(first) else tuple(map(stack_columns, zip(*states)))


def run_batch(rnn, sequences, state=None):
    try:
        outputs, states = zip(*map(rnn, sequences, split(state, len(sequences))))
    except ValueError:
        if len(sequences) > 0:
            raise
        raise ValueError("an empty list of sequences has no final state") from None
    return list(outputs), merge(states)
