# wrong: results are kept by the id of the sequence, so that one given twice has one state
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("no sequences")
    pair = isinstance(rnn, torch.nn.LSTM)
    results = {}
    for i, sequence in enumerate(sequences):
        start = state
        if state is not None:
            start = tuple(part[:, i] for part in state) if pair else state[:, i]
        results[id(sequence)] = rnn(sequence, start)
    outputs = [results[id(sequence)][0] for sequence in sequences]
    finals = [results[id(sequence)][1] for sequence in sequences]
    if pair:
        return outputs, tuple(torch.stack(part, dim=1) for part in zip(*finals))
    return outputs, torch.stack(finals, dim=1)
