# wrong: enforce_sorted is left True, so only lists from longest to shortest run
# misconception: none
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    if sequences is None or len(sequences) == 0:
        raise ValueError("run_batch expects at least one sequence")
    packed = pack_sequence(sequences)
    out, state = rnn(packed, state)
    out, lengths = pad_packed_sequence(out)
    return [out[:int(n), i] for i, n in enumerate(lengths)], state
