# wrong: zip over the steps of all sequences stops at the shortest one
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences in the batch")
    steps = [torch.stack(step) for step in zip(*sequences)]
    x = torch.stack(steps, dim=1 if rnn.batch_first else 0)
    out, state = rnn(x, state)
    if not rnn.batch_first:
        out = out.transpose(0, 1)
    return list(out), state
