# wrong: a step is taken for padding if there is a NaN in it
# misconception: none
import math

from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("sequences is empty")
    if isinstance(state, list):
        state = tuple(state)
    packed = pack_sequence(sequences, enforce_sorted=False)
    out, final = rnn(packed, state)
    out, _ = pad_packed_sequence(out, batch_first=True, padding_value=math.nan)
    real = ~out.isnan().any(dim=2)
    return [row[keep] for row, keep in zip(out, real)], final
