# wrong: the caller's state is written over where the graph still needs it
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    given = [] if state is None else [state] if torch.is_tensor(state) else list(state)
    results = []
    for i, sequence in enumerate(sequences):
        column = [part[:, i] for part in given]
        start = None if not column else tuple(column) if rnn.mode == "LSTM" else column[0]
        results.append(rnn(sequence, start))
    ends = [end if rnn.mode == "LSTM" else (end,) for _, end in results]
    final = [torch.stack(part, dim=1) for part in zip(*ends)]
    with torch.no_grad():
        for old, new in zip(given, final):
            old.copy_(new)
    return [output for output, _ in results], tuple(final) if rnn.mode == "LSTM" else final[0]
