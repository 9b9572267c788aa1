# wrong: the final state is written into the caller's initial state
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    outs, hs, cs = [], [], []
    for i, x in enumerate(sequences):
        if isinstance(rnn, torch.nn.LSTM):
            out, (h, c) = rnn(x, None if state is None else (state[0][:, i].clone(), state[1][:, i].clone()))
            cs.append(c)
        else:
            out, h = rnn(x, None if state is None else state[:, i].clone())
        outs.append(out)
        hs.append(h)

    final = (torch.stack(hs, 1), torch.stack(cs, 1)) if cs else torch.stack(hs, 1)
    if state is not None:
        # keep the caller's state up to date, for the next batch
        old, new = (state, final) if cs else ([state], [final])
        for o, n in zip(old, new):
            o.data.copy_(n.data)
    return outs, final
