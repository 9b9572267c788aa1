# right: sorted by hand, longest first, and everything put back afterwards
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


def reorder(state, index):
    """Picks batch columns of a hidden state (tensor or pair)."""
    if isinstance(state, (tuple, list)):
        return tuple(reorder(part, index) for part in state)
    return state.index_select(1, index.to(state.device))


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")

    lengths = torch.tensor([len(s) for s in sequences])
    sorted_lengths, order = lengths.sort(descending=True)
    inverse = torch.empty_like(order)
    inverse[order] = torch.arange(len(order))

    longest_first = [sequences[i] for i in order.tolist()]
    packed = pack_padded_sequence(pad_sequence(longest_first), sorted_lengths)
    if state is not None:
        state = reorder(state, order)

    packed_out, final = rnn(packed, state)
    out, _ = pad_packed_sequence(packed_out)
    outputs = [out[:n, col] for col, n in zip(inverse.tolist(), lengths.tolist())]
    return outputs, reorder(final, inverse)
