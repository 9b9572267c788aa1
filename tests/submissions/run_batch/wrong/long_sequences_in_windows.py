# wrong: a long sequence is run in windows of 64 steps, and the state is detached between them, as in truncated
#     backpropagation through time. The values are right, the gradient ends at the last cut.
# (2) Breaks: "Gradients equal those of torch.nn" ("gradients reach the inputs, the parameters and the initial state as
#     they do for a sequence alone").
# (3) Shown by: one sequence of 65 steps, one direction: outputs[0][-1].sum().backward() gives no gradient to the first
#     step and to the initial state.
import torch

BPTT = 64


def detach(state):
    return state.detach() if isinstance(state, torch.Tensor) else tuple(s.detach() for s in state)


def run_one(rnn, x, state):
    if rnn.bidirectional or len(x) <= BPTT:
        return rnn(x, state)
    outputs = []
    for window in x.split(BPTT):
        if outputs:
            state = detach(state)
        y, state = rnn(window, state)
        outputs.append(y)
    return torch.cat(outputs), state


def run_batch(rnn, sequences, state=None):
    if len(sequences) == 0:
        raise ValueError("no sequences given")
    outputs, states = [], []
    for i, x in enumerate(sequences):
        if state is None:
            column = None
        elif isinstance(state, torch.Tensor):
            column = state[:, i].contiguous()
        else:
            column = tuple(s[:, i].contiguous() for s in state)
        y, final = run_one(rnn, x, column)
        outputs.append(y)
        states.append(final)
    if isinstance(states[0], torch.Tensor):
        return outputs, torch.stack(states, dim=1)
    h, c = zip(*states)
    return outputs, (torch.stack(h, dim=1), torch.stack(c, dim=1))
