# wrong: .data is fed back "to save memory", gradient reaches one step only
# misconception: detached_each_step
import torch
import torch.nn as nn


def unroll(cell, inputs, state=None):
    steps = list(inputs)
    state = cell(steps[0], state)
    outputs = [state[0] if isinstance(cell, nn.LSTMCell) else state]
    for x in steps[1:]:
        if isinstance(cell, nn.LSTMCell):
            h, c = state
            state = cell(x, (h.data, c.data))
            outputs.append(state[0])
        else:
            state = cell(x, state.data)
            outputs.append(state)
    return torch.stack(outputs), state
