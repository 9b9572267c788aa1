# wrong: ended sequences keep their h, but the c of an LSTM goes on over the padding
# misconception: state_after_padding
import torch
from torch.nn.utils.rnn import pack_sequence, pad_sequence, unpack_sequence


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("sequences is empty")
    if rnn.bidirectional:
        out, state = rnn(pack_sequence(sequences, enforce_sorted=False), state)
        return unpack_sequence(out), state

    x = pad_sequence(sequences)
    lengths = torch.tensor([len(s) for s in sequences], device=x.device)
    time = 1 if rnn.batch_first else 0
    steps = []
    for t in range(x.size(0)):
        y, new = rnn(x[t].unsqueeze(time), state)
        steps.append(y.squeeze(time))
        running = (t < lengths).unsqueeze(1)
        if t == 0:
            state = new
        elif isinstance(rnn, torch.nn.LSTM):
            state = (torch.where(running, new[0], state[0]), new[1])
        else:
            state = torch.where(running, new, state)
    out = torch.stack(steps)
    return [out[:len(s), i] for i, s in enumerate(sequences)], state
