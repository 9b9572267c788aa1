# wrong: of the initial pair only h is used, c starts from zeros
# misconception: initial_cell_forgotten
import torch


def run_batch(rnn, sequences, state=None):
    if not sequences:
        raise ValueError("no sequences")
    lstm = isinstance(rnn, torch.nn.LSTM)
    outs, ends = [], []
    for i, x in enumerate(sequences):
        if state is None:
            s = None
        elif lstm:
            h = state[0][:, i].contiguous()
            s = (h, h.new_zeros(h.size(0), rnn.hidden_size))
        else:
            s = state[:, i].contiguous()
        out, end = rnn(x, s)
        outs.append(out)
        ends.append(end)
    if lstm:
        hs, cs = zip(*ends)
        return outs, (torch.stack(hs, 1), torch.stack(cs, 1))
    return outs, torch.stack(ends, 1)
