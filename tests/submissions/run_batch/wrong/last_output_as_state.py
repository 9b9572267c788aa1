# wrong: the last layer's forward state is read from [-1] of the padded outputs
# misconception: last_padded_step
import torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("nothing to run")
    packed = pack_sequence(sequences, enforce_sorted=False)
    packed_out, final = rnn(packed, state)
    out, lengths = pad_packed_sequence(packed_out)
    outputs = [out[:n, i] for i, n in enumerate(lengths)]

    # the hidden state of the last layer is the output of the last step
    h = final[0] if isinstance(rnn, torch.nn.LSTM) else final
    row = -2 if rnn.bidirectional else -1
    h = h.clone()
    h[row] = out[-1, :, :h.size(2)]
    return outputs, (h, final[1]) if isinstance(rnn, torch.nn.LSTM) else h
