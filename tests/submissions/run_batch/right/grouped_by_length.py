# right: sequences of one length make a batch, no padding and no packing
from collections import defaultdict

import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("at least one sequence is needed")

    groups = defaultdict(list)
    for position, sequence in enumerate(sequences):
        groups[sequence.size(0)].append(position)

    batch_axis = 0 if rnn.batch_first else 1
    is_pair = isinstance(rnn, torch.nn.LSTM)
    outputs = [None] * len(sequences)
    columns = [None] * len(sequences)

    for positions in groups.values():
        x = torch.stack([sequences[p] for p in positions], dim=batch_axis)
        start = None
        if state is not None:
            start = tuple(s[:, positions] for s in state) if is_pair else state[:, positions]
        out, end = rnn(x, start)
        parts = end if is_pair else (end,)
        for k, p in enumerate(positions):
            outputs[p] = out.select(batch_axis, k)
            columns[p] = [part[:, k] for part in parts]

    final = tuple(torch.stack(part, dim=1) for part in zip(*columns))
    return outputs, final if is_pair else final[0]
