# wrong: of an LSTM only h is put back in the caller's order, c stays sorted
# misconception: sorted_state_not_restored
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("list of sequences is empty")
    lengths = torch.tensor([x.shape[0] for x in sequences])
    order = lengths.argsort(descending=True)
    restore = order.argsort().tolist()
    order = order.tolist()

    if state is not None:
        if isinstance(rnn, nn.LSTM):
            state = tuple(s[:, order] for s in state)
        else:
            state = state[:, order]

    out, final = rnn(pack_sequence([sequences[i] for i in order]), state)
    out, lengths = pad_packed_sequence(out)
    outputs = [out[:lengths[i], i] for i in restore]

    if isinstance(rnn, nn.LSTM):
        h, c = final
        h = h[:, restore]
        return outputs, (h, c)
    return outputs, final[:, restore]
