# right: builds the PackedSequence with its own hands, step after step
import torch
from torch.nn.utils.rnn import PackedSequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("sequences is empty")
    B = len(sequences)
    order = sorted(range(B), key=lambda i: -len(sequences[i]))
    place = [0] * B
    for rank, i in enumerate(order):
        place[i] = rank

    # one row per (step, sequence still alive), longest sequence first
    rows, batch_sizes = [], []
    for t in range(len(sequences[order[0]])):
        alive = [sequences[i][t] for i in order if t < len(sequences[i])]
        rows += alive
        batch_sizes.append(len(alive))
    packed = PackedSequence(torch.stack(rows), torch.tensor(batch_sizes))

    def pick(s, index):
        if isinstance(s, torch.Tensor):
            return torch.stack([s[:, i] for i in index], dim=1)
        return tuple(pick(part, index) for part in s)

    out, end = rnn(packed, None if state is None else pick(state, order))

    per_step = out.data.split(batch_sizes)
    outputs = [
        torch.stack([per_step[t][place[i]] for t in range(len(sequences[i]))]) for i in range(B)
    ]
    return outputs, pick(end, place)
