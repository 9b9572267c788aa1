# wrong: every sequence starts from the first column of the initial state
# misconception: one_state_for_all
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("give at least one sequence")
    axis = 0 if rnn.batch_first else 1
    if state is not None:
        # a batch of one
        if isinstance(rnn, torch.nn.LSTM):
            state = (state[0][:, :1].contiguous(), state[1][:, :1].contiguous())
        else:
            state = state[:, :1].contiguous()

    outputs, finals = [], []
    for sequence in sequences:
        output, final = rnn(sequence.unsqueeze(axis), state)
        outputs.append(output.squeeze(axis))
        finals.append(final)

    if isinstance(rnn, torch.nn.LSTM):
        h = torch.cat([f[0] for f in finals], dim=1)
        c = torch.cat([f[1] for f in finals], dim=1)
        return outputs, (h, c)
    return outputs, torch.cat(finals, dim=1)
