# wrong: the state is detached every 16 steps
# misconception: none
import torch
from torch import nn

TRUNCATE = 16


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)

    def detach(s):
        return (s[0].detach(), s[1].detach()) if lstm else s.detach()

    def run(cell, xs, s):
        rows = []
        for k, x in enumerate(xs):
            if k > 0 and k % TRUNCATE == 0:
                s = detach(s)
            s = cell(x, s)
            rows.append(s[0] if lstm else s)
        return rows, s

    starts = [None, None]
    if state is not None:
        starts = list(zip(*state)) if lstm else list(state)
    fwd, fwd_state = run(forward_cell, inputs, starts[0])
    bwd, bwd_state = run(backward_cell, inputs.flip(0), starts[1])
    outputs = torch.cat([torch.stack(fwd), torch.stack(bwd[::-1])], dim=-1)
    if lstm:
        return outputs, tuple(torch.stack(pair) for pair in zip(fwd_state, bwd_state))
    return outputs, torch.stack([fwd_state, bwd_state])
