# wrong: squeeze() without an axis also drops a time or feature axis of size one
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("sequences is empty")
    dim = 0 if rnn.batch_first else 1
    pair = isinstance(rnn, torch.nn.LSTM)

    def column(i):
        if state is None:
            return None
        return tuple(s[:, [i]] for s in state) if pair else state[:, [i]]

    results = [rnn(x.unsqueeze(dim), column(i)) for i, x in enumerate(sequences)]
    outputs = [out.squeeze() for out, _ in results]
    if pair:
        return outputs, tuple(torch.cat([end[k] for _, end in results], 1) for k in (0, 1))
    return outputs, torch.cat([end for _, end in results], 1)
