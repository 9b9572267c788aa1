# wrong: the state comes from a packed run, the outputs from a padded one, cut
# misconception: backward_on_padding
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("Got an empty list of sequences.")
    lengths = [s.size(0) for s in sequences]
    padded = pad_sequence(sequences, batch_first=rnn.batch_first)
    packed = pack_padded_sequence(
        padded, lengths, batch_first=rnn.batch_first, enforce_sorted=False
    )

    # the final state must not see the padding, so it needs the packed batch
    _, final_state = rnn(packed, state)

    # outputs at real steps come before the padding, so cutting is enough
    out, _ = rnn(padded, state)
    if rnn.batch_first:
        return [out[i, :n] for i, n in enumerate(lengths)], final_state
    return [out[:n, i] for i, n in enumerate(lengths)], final_state
