# wrong: the top layer's state is y[-1] in both directions, but backward ends at step 0
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    D = 2 if rnn.bidirectional else 1
    outputs, hs, cs = [], [], []
    for i, x in enumerate(sequences):
        if isinstance(rnn, torch.nn.LSTM):
            y, (h, c) = rnn(x, None if state is None else tuple(s[:, i].contiguous() for s in state))
            cs.append(c)
        else:
            y, h = rnn(x, None if state is None else state[:, i].contiguous())
        # lower layers from h, the top one is the last output
        top = y[-1].view(D, -1)
        hs.append(torch.cat([h[:-D], top]))
        outputs.append(y)
    h = torch.stack(hs, dim=1)
    return outputs, (h, torch.stack(cs, dim=1)) if cs else h
