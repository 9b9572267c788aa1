# wrong: turns batch_first off before it looks whether there is a sequence, and leaves it off
# misconception: none
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


def run_batch(rnn, sequences, state=None):
    was = rnn.batch_first
    rnn.batch_first = False
    if not sequences:
        raise ValueError("no sequences")
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    packed = pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=False)
    outputs, final = rnn(packed, tuple(state) if isinstance(state, list) else state)
    outputs, _ = pad_packed_sequence(outputs)
    rnn.batch_first = was
    return [outputs[:length, i] for i, length in enumerate(lengths.tolist())], final
