# wrong: the final state is a list with one state a sequence, not one state for the batch
# misconception: states_not_joined
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    outputs, states = [], []
    for i in range(len(sequences)):
        if state is None:
            s = None
        elif isinstance(rnn, torch.nn.LSTM):
            s = (state[0][:, i].contiguous(), state[1][:, i].contiguous())
        else:
            s = state[:, i].contiguous()
        out, s = rnn(sequences[i], s)
        outputs.append(out)
        states.append(s)
    return outputs, states
