# wrong: final states of the upper layers come from one extra step on the last output below
# misconception: upper_state_one_step_only
import torch
from torch import nn


def unroll(cell, xs, s, lstm):
    outputs = []
    for x in xs:
        s = cell(x, s)
        outputs.append(s[0] if lstm else s)
    return outputs, s


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    init = [None] * len(cells)
    if state is not None:
        init = list(zip(*state)) if lstm else list(state)
    xs, final = unroll(cells[0], inputs, init[0], lstm)
    finals = [final]
    for i in range(1, len(cells)):
        finals.append(cells[i](xs[-1], init[i]))
        xs, _ = unroll(cells[i], xs, init[i], lstm)
    if lstm:
        return torch.stack(xs), (torch.stack([f[0] for f in finals]), torch.stack([f[1] for f in finals]))
    return torch.stack(xs), torch.stack(finals)
