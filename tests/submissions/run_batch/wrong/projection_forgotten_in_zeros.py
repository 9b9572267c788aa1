# wrong: the zeros for h have hidden_size features also when the LSTM projects
# misconception: projection_ignored
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    if state is None:
        rows = rnn.num_layers * (2 if rnn.bidirectional else 1)
        zeros = sequences[0].new_zeros(rows, len(sequences), rnn.hidden_size)
        state = (zeros, zeros.clone()) if rnn.mode == "LSTM" else zeros
    packed, state = rnn(pack_sequence(sequences, enforce_sorted=False), state if rnn.mode != "LSTM" else tuple(state))
    return unpack_sequence(packed), state
