# wrong: the initial h is sorted along with the sequences, the initial c is not
# misconception: initial_state_not_sorted
import torch
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    B = len(sequences)
    if B == 0:
        raise ValueError("no sequences given")
    lengths = [s.size(0) for s in sequences]
    order = sorted(range(B), key=lengths.__getitem__, reverse=True)
    back = sorted(range(B), key=order.__getitem__)
    is_lstm = isinstance(rnn, torch.nn.LSTM)

    if state is not None:
        if is_lstm:
            h0, c0 = state
            state = (h0[:, order].contiguous(), c0)
        else:
            state = state[:, order].contiguous()

    packed, final = rnn(pack_sequence([sequences[i] for i in order]), state)
    outputs = unpack_sequence(packed)
    outputs = [outputs[i] for i in back]
    if is_lstm:
        final = tuple(f[:, back].contiguous() for f in final)
    else:
        final = final[:, back].contiguous()
    return outputs, final
