# wrong: the outputs are put back in order, the final state stays sorted by length
# misconception: sorted_state_not_restored
import torch
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("sequences can't be empty")
    index = sorted(range(len(sequences)), key=lambda i: len(sequences[i]), reverse=True)
    lengths = [len(sequences[i]) for i in index]
    x = pad_sequence([sequences[i] for i in index])

    if state is not None and rnn.mode == "LSTM":
        state = tuple(s[:, index] for s in state)
    elif state is not None:
        state = state[:, index]

    y, state = rnn(pack_padded_sequence(x, lengths), state)
    y, _ = pad_packed_sequence(y)

    outputs = [None] * len(sequences)
    for k, i in enumerate(index):
        outputs[i] = y[:lengths[k], k]
    return outputs, state
