# wrong: the final state of the last sequence is repeated for the whole batch
# misconception: one_state_for_all
import torch


def run_batch(rnn, sequences, state=None):
    B = len(sequences)
    if B == 0:
        raise ValueError("run_batch: no sequences")
    outputs = []
    for b in range(B):
        s = state
        if isinstance(s, torch.Tensor):
            s = s[:, b].contiguous()
        elif s is not None:
            s = tuple(part[:, b].contiguous() for part in s)
        out, end = rnn(sequences[b], s)
        outputs.append(out)

    if isinstance(end, tuple):
        return outputs, tuple(e.unsqueeze(1).repeat(1, B, 1) for e in end)
    return outputs, end.unsqueeze(1).repeat(1, B, 1)
