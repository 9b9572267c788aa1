# wrong: reshapes the initial state to (B, L*D, H) to loop over it, where it should be transposed
# misconception: view_for_transpose
import torch


def run_batch(rnn, sequences, state=None):
    n = len(sequences)
    if n == 0:
        raise ValueError("cannot run zero sequences")

    def start(i):
        if state is None:
            return None
        if isinstance(rnn, torch.nn.LSTM):
            return tuple(s.reshape(n, -1, s.shape[-1])[i] for s in state)
        return state.reshape(n, -1, state.shape[-1])[i]

    outs, ends = [], []
    for i, seq in enumerate(sequences):
        out, end = rnn(seq, start(i))
        outs.append(out)
        ends.append(end)
    if isinstance(rnn, torch.nn.LSTM):
        return outs, tuple(torch.stack(e, dim=1) for e in zip(*ends))
    return outs, torch.stack(ends, dim=1)
