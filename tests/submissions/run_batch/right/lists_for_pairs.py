# right: lists where others return tuples, also for the pair (h, c)
import torch


def run_batch(rnn, sequences, state=None):
    B = len(sequences)
    if B == 0:
        raise ValueError("empty")

    if isinstance(rnn, torch.nn.LSTM):
        n_parts = 2
        state = [None, None] if state is None else list(state)
    else:
        n_parts = 1
        state = [state]

    outs = []
    ends = [[] for _ in range(n_parts)]
    for b in range(B):
        if state[0] is None:
            result = rnn(sequences[b])
        else:
            begin = [part[:, b, :].clone() for part in state]
            result = rnn(sequences[b], begin if n_parts == 2 else begin[0])
        outs.append(result[0])
        end = result[1] if n_parts == 2 else [result[1]]
        for k in range(n_parts):
            ends[k].append(end[k][:, None, :])

    ends = [torch.cat(e, 1) for e in ends]
    return [outs, ends if n_parts == 2 else ends[0]]
