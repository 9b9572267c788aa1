# wrong: without gradients the caller's state is overwritten
# misconception: none
import torch
from torch import nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)
    if state is None:
        zeros = inputs.new_zeros(2, inputs.shape[1], forward_cell.hidden_size)
        state = (zeros, zeros.clone()) if lstm else zeros

    def start(k):
        return (state[0][k], state[1][k]) if lstm else state[k]

    T = inputs.shape[0]
    finals, halves = [], []
    for k, cell, order in ((0, forward_cell, range(T)), (1, backward_cell, range(T - 1, -1, -1))):
        now = start(k)
        rows = [None] * T
        for t in order:
            now = cell(inputs[t], now)
            rows[t] = now[0] if lstm else now
        finals.append(now)
        if not torch.is_grad_enabled():  # in place: nobody differentiates
            for s, part in zip(state if lstm else [state], now if lstm else [now]):
                s[k] = part
        halves.append(torch.stack(rows))
    outputs = torch.cat(halves, dim=-1)
    if lstm:
        h = torch.stack([final[0] for final in finals])
        c = torch.stack([final[1] for final in finals])
        return outputs, (h, c)
    return outputs, torch.stack(finals)
