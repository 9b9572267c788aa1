# wrong: the outputs come back as long as the longest sequence, padding included
# misconception: padding_left_on
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("Please pass some sequences")
    packed = pack_sequence(sequences, enforce_sorted=False)
    packed_output, hidden = rnn(packed, state)
    output, lengths = pad_packed_sequence(packed_output, batch_first=True)
    return [o for o in output], hidden
