# wrong: pads, runs the padded batch and returns the state as it is after the padding
# misconception: state_after_padding
from torch.nn.utils.rnn import pad_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    padded = pad_sequence(sequences, batch_first=rnn.batch_first)
    out, state = rnn(padded, state)
    if not rnn.batch_first:
        out = out.transpose(0, 1)
    return [out[i, :len(s)] for i, s in enumerate(sequences)], state
