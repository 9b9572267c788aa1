# wrong: finds the lengths by looking for zero rows in the padded batch
# misconception: zeros_taken_for_padding
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("sequences must not be empty")
    padded = pad_sequence(sequences)
    # padding is all zeros, so a step counts if anything in it is not zero
    lengths = (padded != 0).any(dim=-1).sum(dim=0).clamp(min=1).cpu()
    packed = pack_padded_sequence(padded, lengths, enforce_sorted=False)
    output, state = rnn(packed, state)
    output, _ = pad_packed_sequence(output)
    return [output[:n, i] for i, n in enumerate(lengths)], state
