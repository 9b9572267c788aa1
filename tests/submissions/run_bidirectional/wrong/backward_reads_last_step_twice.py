# wrong: the backward direction reads the last step twice
# misconception: backward_step_left_out
import torch
from torch import nn


def one_way(cell, inputs, state):
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)
    return torch.stack(outputs), state


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)
    starts = [None, None]
    if state is not None:
        starts = [(state[0][i], state[1][i]) if lstm else state[i] for i in (0, 1)]
    forward, first = one_way(forward_cell, inputs, starts[0])
    backward, second = one_way(backward_cell, torch.cat([inputs[-1:], inputs.flip(0)]), starts[1])
    outputs = torch.cat([forward, backward[1:].flip(0)], dim=-1)
    final = tuple(torch.stack(part) for part in zip(first, second)) if lstm else torch.stack([first, second])
    return outputs, final
