# wrong: `if state` asks a tensor for its truth, which fails and takes a single zero for None
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    lstm = isinstance(rnn, torch.nn.LSTM)
    results = []
    for i, x in enumerate(sequences):
        if state:
            s = tuple(p[:, i].contiguous() for p in state) if lstm else state[:, i].contiguous()
            results.append(rnn(x, s))
        else:
            results.append(rnn(x))
    outputs = [y for y, _ in results]
    if lstm:
        return outputs, tuple(torch.stack([s[k] for _, s in results], dim=1) for k in range(2))
    return outputs, torch.stack([s for _, s in results], dim=1)
