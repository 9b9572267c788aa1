# wrong: the final state of an upper layer is stored after its first step and never updated
# misconception: upper_state_one_step_only
import torch
import torch.nn as nn


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    finals = {}
    for i, cell in enumerate(cells):
        if state is None:
            s = None
        else:
            s = (state[0][i], state[1][i]) if lstm else state[i]
        below = []
        for x in inputs:
            s = cell(x, s)
            below.append(s[0] if lstm else s)
            if i == 0 or i not in finals:
                finals[i] = s
        inputs = torch.stack(below)
    order = [finals[i] for i in range(len(cells))]
    if lstm:
        return inputs, (torch.stack([h for h, _ in order]), torch.stack([c for _, c in order]))
    return inputs, torch.stack(order)
