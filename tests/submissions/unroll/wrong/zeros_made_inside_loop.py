# wrong: the zero state is made inside the loop when no state is given
# misconception: new_state_each_step
import torch
import torch.nn as nn


def unroll(cell, inputs, state=None):
    given = state is not None
    outputs = []
    for x in inputs:
        if not given:
            h = x.new_zeros(x.size(0), cell.hidden_size)
            state = (h, h.clone()) if isinstance(cell, nn.LSTMCell) else h
        state = cell(x, state)
        outputs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)
    return torch.stack(outputs, dim=0), state
