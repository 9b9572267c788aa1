# wrong: the padded outputs (T, B, F) are reshaped to (B, T, F) instead of transposed
# misconception: view_for_transpose
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("there are no sequences")
    packed_out, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
    out, lengths = pad_packed_sequence(packed_out)
    T, B, F = out.shape
    out = out.reshape(B, T, F)
    return [seq[:n] for seq, n in zip(out, lengths)], state
