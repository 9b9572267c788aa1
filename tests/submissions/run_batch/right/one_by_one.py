# right: no padding at all, a batch of one for every sequence
import torch


def run_batch(rnn, sequences, state=None):
    if len(sequences) < 1:
        raise ValueError('expected a non-empty list of sequences, got []')
    lstm = isinstance(rnn, torch.nn.LSTM)
    axis = 0 if rnn.batch_first else 1

    outputs, hs, cs = [], [], []
    for i, x in enumerate(sequences):
        if state is None:
            start = None
        elif lstm:
            start = tuple(s[:, i:i + 1].contiguous() for s in state)
        else:
            start = state[:, i:i + 1].contiguous()

        out, end = rnn(x.unsqueeze(axis), start)
        outputs.append(out.squeeze(axis))
        if lstm:
            hs.append(end[0])
            cs.append(end[1])
        else:
            hs.append(end)

    h = torch.cat(hs, dim=1)
    if lstm:
        return outputs, (h, torch.cat(cs, dim=1))
    return outputs, h
