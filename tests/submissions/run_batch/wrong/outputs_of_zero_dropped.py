# wrong: steps whose output is all zeros are dropped, as if they were padding
# misconception: zeros_taken_for_padding
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    packed, state = rnn(pack_sequence(sequences, enforce_sorted=False), tuple(state) if type(state) is list else state)
    padded, _ = pad_packed_sequence(packed, batch_first=True)
    outputs = []
    for rows in padded:
        outputs.append(rows[rows.abs().sum(dim=-1) > 0])
    return outputs, state
