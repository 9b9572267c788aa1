# wrong: switches batch_first off on the caller's module and leaves it so
# misconception: none
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    rnn.batch_first = False  # simpler: always (T, B, I)
    outputs, states = [], []
    for i, x in enumerate(sequences):
        if state is None:
            out, s = rnn(x[:, None])
        elif isinstance(state, torch.Tensor):
            out, s = rnn(x[:, None], state[:, [i]])
        else:
            out, s = rnn(x[:, None], (state[0][:, [i]], state[1][:, [i]]))
        outputs.append(out[:, 0])
        states.append(s)
    if isinstance(rnn, torch.nn.LSTM):
        return outputs, tuple(torch.cat(part, 1) for part in zip(*states))
    return outputs, torch.cat(states, 1)
